import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { SEGMENT_BLOCKS } from '../../../src-worker/devnet/limits.ts';
import { alice, bob, call, freeRao, openRig, options, TAO } from './rig.ts';

/** What happens after every step that shortens or removes a file; may throw, as the disk does. */
let afterStep: () => void = () => {};
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  return {
    ...real,
    ftruncateSync(...args: Parameters<typeof real.ftruncateSync>) {
      real.ftruncateSync(...args);
      afterStep();
    },
    rmSync(...args: Parameters<typeof real.rmSync>) {
      real.rmSync(...args);
      afterStep();
    },
  };
});
afterEach(() => {
  afterStep = () => {};
});

const LAG = 64;
let dataDir: string;
beforeEach(() => {
  dataDir = fs.mkdtempSync(join(tmpdir(), 'butterfly-reorg-'));
});
afterEach(() => {
  afterStep = () => {};
  fs.rmSync(dataDir, { recursive: true, force: true });
});

function open(dir = dataDir): Chain {
  const chain = new Chain(v.parse(devnetInitSchema, options({ dataDir: dir, finalityLag: LAG })));
  onTestFinished(() => chain.close());
  return chain;
}
const sealTo = (chain: Chain, number: number) => {
  while (chain.headNumber < number) chain.seal();
};

describe('blocks of a chain on disk', () => {
  test.each([
    ['in one segment', 20, 12],
    ['over the border of a segment', SEGMENT_BLOCKS + 5, 12],
    ['down to the block that a segment begins with', SEGMENT_BLOCKS + 5, 5],
    ['down to the one before', SEGMENT_BLOCKS + 5, 6],
  ])('are taken back %s, and stay so', (_where, height, blocks) => {
    const chain = open();
    sealTo(chain, height);
    const hashes = Array.from({ length: height + 1 }, (_, block) => chain.hashOf(block));
    chain.takeBack(blocks);
    const to = height - blocks;
    chain.close();
    const again = open();
    expect([again.headNumber, again.head.hash]).toEqual([to, hashes[to]]);
    expect([again.lost, again.notices]).toEqual([null, []]);
    // Another branch, and as long as it likes.
    again.fund({ account: `0x${'11'.repeat(32)}`, amountRao: TAO });
    sealTo(again, height + SEGMENT_BLOCKS);
    expect(again.hashOf(to + 1)).not.toBe(hashes[to + 1]);
    again.close();
    const last = open();
    expect([last.headNumber, last.head.hash, last.lost, last.notices]).toEqual([
      height + SEGMENT_BLOCKS,
      again.head.hash,
      null,
      [],
    ]);
  });

  test('are there or gone, each whole, whenever the process is killed', () => {
    const chain = open();
    const height = SEGMENT_BLOCKS + 3;
    sealTo(chain, height);
    const hashes = Array.from({ length: height + 1 }, (_, block) => chain.hashOf(block));
    const copies: string[] = [];
    afterStep = () => {
      const copy = `${dataDir}-${copies.length}`;
      fs.cpSync(dataDir, copy, { recursive: true });
      copies.push(copy);
    };
    chain.takeBack(8);
    afterStep = () => {};
    onTestFinished(() => {
      for (const copy of copies) fs.rmSync(copy, { recursive: true, force: true });
    });
    // Two cuts a block, and the two files of the segment that went.
    expect(copies.length).toBe(2 * 8 + 2);
    const heads = copies.map((copy) => {
      const found = open(copy);
      expect([found.lost, found.notices]).toEqual([null, []]);
      expect(found.head.hash).toBe(hashes[found.headNumber]);
      const head = found.headNumber;
      sealTo(found, head + 3);
      found.close();
      const again = open(copy);
      expect([again.headNumber, again.notices]).toEqual([head + 3, []]);
      again.close();
      return head;
    });
    expect(heads).toEqual(heads.toSorted((a, b) => b - a));
    expect([heads[0], heads.at(-1)]).toEqual([height, height - 8]);
  });

  test.each([0, 1, 2, 3])(
    'that the disk would not let go after %i steps are still there, and it goes on',
    (steps) => {
      const chain = open();
      sealTo(chain, 20);
      const hashes = Array.from({ length: 21 }, (_, block) => chain.hashOf(block));
      let left = steps;
      afterStep = () => {
        if (left-- === 0) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      };
      expect(() => chain.takeBack(5)).toThrow();
      afterStep = () => {};
      const head = chain.headNumber;
      expect(head).toBe(20 - Math.floor(steps / 2));
      expect(chain.head.hash).toBe(hashes[head]);
      chain.seal();
      const { hash } = chain.head;
      chain.close();
      const again = open();
      expect([again.headNumber, again.head.hash, again.lost]).toEqual([head + 1, hash, null]);
      again.takeBack(2);
      again.close();
      expect(open().headNumber).toBe(head - 1);
    },
  );

  test('at the border of a segment that could not be removed are still there, and it goes on', () => {
    const chain = open();
    sealTo(chain, SEGMENT_BLOCKS + 1);
    // The second block is the one that the segment begins with; one of its two files is gone when the disk fails.
    let left = 2;
    afterStep = () => {
      if (left-- === 0) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
    };
    expect(() => chain.takeBack(3)).toThrow();
    afterStep = () => {};
    expect(chain.headNumber).toBe(SEGMENT_BLOCKS);
    chain.seal();
    const { hash } = chain.head;
    chain.close();
    const again = open();
    expect([again.headNumber, again.head.hash, again.lost, again.notices]).toEqual([
      SEGMENT_BLOCKS + 1,
      hash,
      null,
      [],
    ]);
  });

  test('are not taken back where they are final', () => {
    const chain = open();
    sealTo(chain, LAG + 10);
    expect(() => chain.takeBack(LAG + 1)).toThrow('Invalid params');
    chain.takeBack(LAG);
    expect(chain.headNumber).toBe(10);
    expect(() => chain.takeBack(1)).toThrow('Invalid params');
  });
});

test('a transaction of a block that was taken back is included once, over a restart too', async () => {
  const chosen = options({ dataDir, finalityLag: 8 });
  const first = await openRig(chosen);
  await first.seal(3);
  const result = await first.send(
    call(first.api, 'balances.transferKeepAlive', bob.address, 7n * TAO),
    alice,
  );
  expect(result.dispatchError).toBeUndefined();
  await first.control('devnet_reorg', 2);
  const head = first.devnet.sealBlock();
  expect(await freeRao(first.api, bob.address)).toBe(7n * TAO);
  const hash = (await first.api.rpc.chain.getBlockHash(head)).toHex();
  await first.api.disconnect();
  await first.devnet.stop();
  const again = await openRig(chosen);
  expect((await again.api.rpc.chain.getBlockHash(head)).toHex()).toBe(hash);
  expect(await freeRao(again.api, bob.address)).toBe(7n * TAO);
});

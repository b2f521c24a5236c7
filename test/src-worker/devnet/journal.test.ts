import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain, type Machine } from '../../../src-worker/devnet/chain/chain.ts';
import { HISTORY_BLOCKS } from '../../../src-worker/devnet/limits.ts';
import { runs } from '../../runs.ts';
import { options } from './genesis.ts';

const HEAD = 2 * HISTORY_BLOCKS + 9;
const [OLDER, NEWER] = ['blocks-0000000256', 'blocks-0000000512'];
const FILES = [`${OLDER}.log`, `${OLDER}.twin`, `${NEWER}.log`, `${NEWER}.twin`];

/** A chain of two full segments and a bit, closed in order; each test works on its own copy. */
let whole: string;
let seen: ReturnType<typeof sight>;
beforeAll(() => {
  whole = mkdtempSync(join(tmpdir(), 'devnet-whole-'));
  const chain = open(whole, {}, () => {});
  while (chain.headNumber < HEAD) chain.seal();
  seen = sight(chain);
  chain.close();
});
afterAll(() => rmSync(whole, { recursive: true, force: true }));

function open(dataDir: string, machine: Partial<Machine> = {}, cleanup = onTestFinished): Chain {
  const chain = new Chain(v.parse(devnetInitSchema, options({ dataDir })), machine);
  cleanup(() => chain.close());
  return chain;
}

function copy(): string {
  const dir = mkdtempSync(join(tmpdir(), 'devnet-copy-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(whole, dir, { recursive: true });
  return dir;
}

/** All that a client can find out about a chain's past. */
function sight(chain: Chain) {
  const numbers = Array.from({ length: chain.headNumber + 1 }, (_, number) => number);
  return {
    head: chain.head.hash,
    oldest: chain.states.oldest,
    hashes: numbers.map((number) => chain.hashOf(number)),
    bodies: numbers.slice(-HISTORY_BLOCKS).map((number) => chain.block(number)?.extrinsics.length),
  };
}

const codes = (chain: Chain) => chain.notices.map(({ code }) => code);
const set = (dir: string, change: (bytes: Buffer) => Buffer | null, ...names: string[]): void => {
  for (const name of names) {
    const path = join(dir, name);
    const changed = change(readFileSync(path));
    if (changed) writeFileSync(path, changed);
    else rmSync(path);
  }
};
const flip = (bytes: Buffer, bit: number): Buffer => {
  bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return bytes;
};
/** The place of a bit in the middle of the n-th line. */
const inLine = (bytes: Buffer, line: number): number => {
  let from = 0;
  for (let i = 0; i < line; i++) from = bytes.indexOf(10, from) + 1;
  return 8 * Math.floor((from + bytes.indexOf(10, from)) / 2) + 1;
};

describe('one flipped bit', () => {
  test('anywhere in any file costs no block, and the damaged file stays', () => {
    const dir = copy();
    const place = fc.record({
      name: fc.constantFrom(...FILES),
      share: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      bit: fc.nat(7),
    });
    fc.assert(
      fc.property(place, ({ name, share, bit }) => {
        rmSync(dir, { recursive: true });
        cpSync(whole, dir, { recursive: true });
        const damaged = readFileSync(join(dir, name));
        set(dir, () => flip(damaged, 8 * Math.floor(share * damaged.length) + bit), name);
        const chain = open(dir, {}, () => {});
        expect(sight(chain)).toEqual(seen);
        expect({ codes: codes(chain), lost: chain.lost }).toEqual({
          codes: ['DEVNET_JOURNAL_REPAIRED'],
          lost: null,
        });
        expect(readFileSync(join(dir, `${name}.damaged-1`)).equals(damaged)).toBe(true);
        chain.close();
        const again = open(dir, {}, () => {});
        expect({ codes: codes(again), head: again.head.hash }).toEqual({ codes: [], head: seen.head });
        again.close();
        for (const file of FILES)
          expect(readFileSync(join(dir, file)).equals(readFileSync(join(whole, file)))).toBe(true);
      }),
      { numRuns: runs(40, 400) },
    );
  });

  test('a second damage never takes the place of what the first one left', () => {
    const dir = copy();
    for (const n of [1, 2, 3]) {
      set(dir, (bytes) => flip(bytes, inLine(bytes, n)), FILES[2]!);
      open(dir).close();
    }
    expect(readdirSync(dir).filter((name) => name.includes('damaged'))).toEqual(
      [1, 2, 3].map((n) => `${FILES[2]}.damaged-${n}`),
    );
  });
});

describe('damage to one file of a pair', () => {
  test.each([
    ['the log cut in the middle', FILES[2], (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['the twin cut in the middle', FILES[3], (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['an empty log', FILES[2], () => Buffer.alloc(0)],
    ['an empty twin of the older segment', FILES[1], () => Buffer.alloc(0)],
    ['a log of zeros', FILES[0], (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ['a log that is gone', FILES[2], () => null],
    [
      'rubbish behind the last block',
      FILES[2],
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('0123456789abcdef {"block":1}\nmore')]),
    ],
  ] as const)('%s costs no block and is told', (_what, name, change) => {
    const dir = copy();
    set(dir, change, name!);
    const chain = open(dir);
    expect(sight(chain)).toEqual(seen);
    expect({ codes: codes(chain), lost: chain.lost }).toEqual({
      codes: ['DEVNET_JOURNAL_REPAIRED'],
      lost: null,
    });
    chain.seal();
    chain.close();
    expect(open(dir).headNumber).toBe(HEAD + 1);
  });

  test('both first lines of the logs costs no block', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 0)), FILES[0]!, FILES[2]!);
    const chain = open(dir);
    expect(sight(chain)).toEqual(seen);
    expect(chain.lost).toBeNull();
  });
});

describe('damage to both files of a pair', () => {
  test('in the middle of the newest segment loses what follows, says so, and keeps the files', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 5)), FILES[2]!, FILES[3]!);
    const chain = open(dir);
    expect(chain.headNumber).toBe(516);
    expect(chain.lost).toEqual({ fromBlock: 517, toBlock: HEAD });
    expect(codes(chain)).toEqual(['DEVNET_BLOCKS_LOST']);
    expect(readdirSync(dir).filter((name) => name.includes('damaged')).length).toBe(2);
    while (chain.headNumber < 520) chain.seal();
    chain.close();
    const again = open(dir);
    expect({ head: again.headNumber, codes: codes(again), lost: again.lost }).toEqual({
      head: 520,
      codes: [],
      lost: null,
    });
  });

  test('in different lines costs no block', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 3)), FILES[2]!);
    set(dir, (bytes) => flip(bytes, inLine(bytes, 6)), FILES[3]!);
    const chain = open(dir);
    expect(sight(chain)).toEqual(seen);
    expect(chain.lost).toBeNull();
  });

  test('in the last line of the newest segment is a block lost', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 9)), FILES[2]!, FILES[3]!);
    expect(open(dir).lost).toEqual({ fromBlock: HEAD, toBlock: HEAD });
  });

  test('in the first lines of the newest segment costs no block: the older one leads there', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 0)), FILES[2]!, FILES[3]!);
    const chain = open(dir);
    expect(sight(chain)).toEqual(seen);
    chain.close();
    expect(codes(open(dir))).toEqual([]);
  });

  test('in the older segment costs history, not the chain', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 100)), FILES[0]!, FILES[1]!);
    const chain = open(dir);
    expect({
      head: chain.head.hash,
      oldest: chain.states.oldest,
      lost: chain.lost,
      codes: codes(chain),
    }).toEqual({
      head: seen.head,
      oldest: 512,
      lost: null,
      codes: ['DEVNET_HISTORY_LOST'],
    });
    chain.close();
    expect(open(dir).head.hash).toBe(seen.head);
    expect(readdirSync(dir).filter((name) => name.startsWith(OLDER!))).toEqual(
      FILES.slice(0, 2).map((name) => `${name}.damaged-1`),
    );
  });

  test('in all first lines begins anew, says that everything is lost, and keeps the files', () => {
    const dir = copy();
    set(dir, (bytes) => flip(bytes, inLine(bytes, 0)), ...FILES);
    const chain = open(dir);
    expect({ head: chain.headNumber, lost: chain.lost, codes: codes(chain) }).toEqual({
      head: 1,
      lost: { fromBlock: 1, toBlock: HEAD },
      codes: ['DEVNET_BLOCKS_LOST'],
    });
    expect(readdirSync(dir).filter((name) => name.includes('damaged')).length).toBe(4);
  });

  test('an empty segment says that something is lost', () => {
    const dir = copy();
    set(dir, () => Buffer.alloc(0), FILES[2]!, FILES[3]!);
    const chain = open(dir);
    expect(chain.headNumber).toBe(512);
    expect(chain.lost).toEqual({ fromBlock: 513, toBlock: 513 });
  });
});

describe('a crash', () => {
  const torn = (name: string, dir: string) =>
    truncateSync(join(dir, name), statSync(join(dir, name)).size - 7);

  test('that tears the line nobody has heard of yet drops it, and is no damage', () => {
    const dir = copy();
    set(dir, (bytes) => bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1), FILES[3]!);
    torn(FILES[2]!, dir);
    const chain = open(dir);
    expect({ head: chain.headNumber, lost: chain.lost, codes: codes(chain) }).toEqual({
      head: HEAD - 1,
      lost: null,
      codes: [],
    });
    chain.seal();
    chain.close();
    expect(open(dir).headNumber).toBe(HEAD);
  });

  test('between the two files leaves the block that one of them has', () => {
    const dir = copy();
    set(dir, (bytes) => bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1), FILES[3]!);
    const chain = open(dir);
    expect({ sight: sight(chain), codes: codes(chain) }).toEqual({ sight: seen, codes: [] });
    chain.close();
    expect(readFileSync(join(dir, FILES[3]!)).equals(readFileSync(join(dir, FILES[2]!)))).toBe(true);
  });

  test('between the files of a new segment is no damage', () => {
    const dir = mkdtempSync(join(tmpdir(), 'devnet-new-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const chain = open(dir);
    while (chain.headNumber < HISTORY_BLOCKS) chain.seal();
    const { hash } = chain.head;
    chain.seal();
    chain.close();
    set(dir, (bytes) => bytes.subarray(0, bytes.indexOf(10) + 1), 'blocks-0000000256.log');
    rmSync(join(dir, 'blocks-0000000256.twin'));
    appendFileSync(join(dir, 'blocks-0000000256.twin.tmp'), 'half a draft');
    const again = open(dir);
    expect({ head: again.head.hash, codes: codes(again) }).toEqual({ head: hash, codes: [] });
    again.seal();
    again.close();
    expect(open(dir).headNumber).toBe(HISTORY_BLOCKS + 1);
  });
});

test('files of another chain are refused before anything is touched, damaged or not', () => {
  const dir = copy();
  set(dir, (bytes) => flip(bytes, inLine(bytes, 4)), FILES[2]!);
  const before = readdirSync(dir);
  copyFileSync(join(dir, FILES[2]!), join(dir, 'kept'));
  expect(
    () => new Chain(v.parse(devnetInitSchema, options({ dataDir: dir, seed: 'ab'.repeat(32) }))),
  ).toThrow(/DEVNET_STATE_FOREIGN/);
  expect(readFileSync(join(dir, FILES[2]!)).equals(readFileSync(join(dir, 'kept')))).toBe(true);
  expect(readdirSync(dir).filter((name) => name !== 'kept')).toEqual(before);
});

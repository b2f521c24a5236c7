import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChunkCoder } from '../../../../src-shared/codec/chunk-coder.ts';
import type { ParamsOf } from '../../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../../src-shared/contract/train.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { chunkGrid } from '../../../../src-shared/reduce/chunks.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import { hex } from '../../../../src-shared/units.ts';
import { RANDOM_PAGES } from '../../../../src-worker/train/limits.ts';
import { effect } from '../../../../src-worker/train/loop/effect.ts';
import { noLabour } from '../../../../src-worker/train/loop/labour.ts';
import { sliceBatch } from '../../../../src-worker/train/pages/packing.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { baseOf } from '../state/held.ts';
import { dropRoot, newRoot } from '../state/rig.ts';
import {
  ALICE,
  BLOCK,
  BOB,
  consensus,
  corpus,
  imageOf,
  newEngine,
  type Rig,
  startRig,
  workOf,
} from './rig.ts';

beforeAll(buildKernels);

const NONCE = hex('5e'.repeat(32));
let roots: string[] = [];
let running: Rig[] = [];
beforeEach(() => {
  roots = [];
  running = [];
});
afterEach(async () => {
  for (const rig of running) await rig.stop();
  for (const root of roots) await dropRoot(root);
});

async function start(hotkey = ALICE, trains = true): Promise<Rig> {
  const root = await newRoot();
  roots.push(root);
  const rig = await startRig(root, { hotkey, trains, ...(!trains && { labour: noLabour }) });
  running.push(rig);
  return rig;
}

type Asked = ParamsOf<TrainContract, 'effect'>;

/** A miner's contribution to round 0 in the hands of a validator that stands where it does, and how to ask of it. */
async function handed() {
  const [miner, checker] = [await start(), await start(BOB, false)];
  for (const rig of [miner, checker]) await rig.openRound(0);
  await miner.rested(0);
  await miner.contribute(0);
  const { pages } = await workOf(miner.root, 0);
  const path = join(checker.root, 'checked.bin');
  await copyFile(join(miner.root, 'spool', spoolFolder(0), spoolFiles.contribution), path);
  const ask = (over: Partial<Asked> = {}, page: Partial<Asked['page']> = {}) =>
    checker.handlers.effect(
      {
        ...{ round: 0, hotkey: ALICE, blockHash: BLOCK, codec: 'fp16', path, sequences: 64, nonce: NONCE },
        page: { draw: 0, ...pages[0]!, ...page },
        ...over,
      },
      checker.signal,
    );
  return { miner, checker, pages, path, ask };
}

describe('effect of a contribution', () => {
  it('is the loss at the base and at the base without the contribution, of what is claimed', async () => {
    const { checker, pages, path, ask } = await handed();
    const found = await ask();
    const base = await baseOf(checker.trainer.replica);
    const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
    const coder = new ChunkCoder(grid, consensus);
    const [bytes, offsets] = [await readFile(path), coder.offsets('fp16')];
    const moved = base.slice();
    for (let chunk = 0; chunk < grid.chunks; chunk += 1) {
      const values = coder.decode('fp16', chunk, bytes.subarray(offsets[chunk], offsets[chunk + 1]))!;
      for (const [i, value] of values.entries()) moved[chunk * grid.chunkElements + i]! -= value;
    }
    const page = await corpus.loadPage(pages[0]!.index, checker.signal);
    const claimed = pages[0]!.sequences;
    const text = Array.from({ length: claimed }, (_, i) =>
      sliceBatch(page.tokens, consensus.model.context, i, 1),
    );
    const engine = await newEngine();
    const losses: number[] = [];
    for (const weights of [base, moved]) {
      await engine.load(weights);
      losses.push((await engine.losses(text)).reduce((sum, one) => sum + one, 0) / claimed);
    }
    await engine.dispose();
    if (found.kind !== 'measured') throw new Error(found.kind);
    expect(found.assigned.before).toBeCloseTo(losses[0]!, 4);
    expect(found.assigned.after).toBeCloseTo(losses[1]!, 4);
    // Nothing has come of the round yet.
    expect(found.assigned.agreed).toBe(found.assigned.before);
    expect(found.random.agreed).toBe(found.random.before);
    expect(found.tokens).toBe(4 * claimed * consensus.model.context);
  });

  it('is more on what was trained on than on random text', async () => {
    const { ask } = await handed();
    const found = await ask();
    if (found.kind !== 'measured') throw new Error(found.kind);
    const { assigned, random } = found;
    expect(assigned.before - assigned.after).toBeGreaterThan(0.01);
    expect(assigned.before - assigned.after).toBeGreaterThan(random.before - random.after);
  });

  it('is of a stretch that the nonce draws, and the same for the same nonce', async () => {
    const { ask } = await handed();
    const of = async (nonce: string) =>
      JSON.stringify(await ask({ sequences: 1, nonce: hex(nonce.repeat(32)) }));
    const some = await Promise.all(['00', '01', '02', '03', '04', '05'].map(of));
    expect(new Set(some).size).toBeGreaterThan(2);
    expect(await of('00')).toBe(some[0]);
  });

  it('holds it against as much text of several pages, for one may be about what the miner knows', async () => {
    const { checker, pages, ask } = await handed();
    const loaded: number[] = [];
    const { trainer, signal } = checker;
    const loadPage: typeof corpus.loadPage = (index, until) => {
      loaded.push(index);
      return corpus.loadPage(index, until);
    };
    const spied = { ...trainer, corpus: { ...trainer.corpus, loadPage } };
    const page = { draw: 0, ...pages[0]! };
    const asked = {
      round: 0,
      hotkey: ALICE,
      blockHash: BLOCK,
      codec: 'fp16',
      sequences: 4,
      nonce: NONCE,
    } as const;
    const path = join(checker.root, 'checked.bin');
    const found = await effect(spied, { ...asked, path, page }, signal);
    expect(loaded[0]).toBe(page.index);
    expect(new Set(loaded.slice(1)).size).toBe(RANDOM_PAGES);
    expect(found).toEqual(await ask({ sequences: 4 }));
  });

  it('leaves local weights and moments as they are', async () => {
    const { miner, path, pages } = await handed();
    const before = await imageOf(miner);
    const asked = { round: 0, hotkey: ALICE, blockHash: BLOCK, codec: 'fp16', path, sequences: 4 } as const;
    await miner.handlers.effect({ ...asked, nonce: NONCE, page: { draw: 0, ...pages[0]! } }, miner.signal);
    expect(await imageOf(miner)).toEqual(before);
  });

  it('is held against the newest base too, once there is another', async () => {
    const { checker, ask } = await handed();
    const first = await ask();
    const { replica } = checker.trainer;
    const base = await baseOf(replica);
    replica.base = inMemory(base.map((weight) => weight * 1.5));
    checker.trainer.openings = checker.trainer.openings.map((at) => ({ ...at, base: inMemory(base) }));
    replica.current = {
      ...replica.current,
      standing: { ...replica.current.standing, id: hex('ee'.repeat(32)) },
    };
    const found = await ask();
    if (first.kind !== 'measured' || found.kind !== 'measured') throw new Error(found.kind);
    expect({ ...found.assigned, agreed: 0 }).toEqual({ ...first.assigned, agreed: 0 });
    expect(found.assigned.agreed).not.toBe(found.assigned.before);
    expect(found.tokens).toBe(1.5 * first.tokens);
  });

  it('of a page that was not assigned, or that has fewer sequences than are claimed, is none', async () => {
    const { ask, pages } = await handed();
    const other = { kind: 'other-page' };
    expect(await ask({}, { index: pages[0]!.index + 1 })).toEqual(other);
    expect(await ask({}, { sha256: hex('ab'.repeat(32)) })).toEqual(other);
    expect(await ask({}, { draw: 1 })).toEqual(other);
    expect(await ask({}, { sequences: 1_000 })).toEqual(other);
    expect(await ask({ hotkey: BOB })).toEqual(other);
  });

  it('of a file that is no contribution is none', async () => {
    const { ask, path } = await handed();
    const bytes = await readFile(path);
    const undecodable = { kind: 'undecodable' };
    expect(await ask({ codec: 'int8' })).toEqual(undecodable);
    await writeFile(path, bytes.subarray(0, bytes.length - 1));
    expect(await ask()).toEqual(undecodable);
    // The last of all values is no number.
    const spoilt = Buffer.from(bytes);
    spoilt.writeUInt16LE(0x7e00, spoilt.length - 2);
    await writeFile(path, spoilt);
    expect(await ask()).toEqual(undecodable);
    await writeFile(path, bytes);
    expect(await ask()).toMatchObject({ kind: 'measured' });
  });

  it('can be had while the next round is open, but not after two', async () => {
    const { checker, ask } = await handed();
    const during = await ask();
    await checker.settle(0, 'void');
    await checker.openRound(1);
    expect(await ask()).toEqual(during);
    await checker.settle(1, 'void');
    await checker.openRound(2);
    await expect(ask()).rejects.toMatchObject({ code: 'NOT_NOW' });
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXTENT_PATIENCE_MS } from '../../../../src-worker/swarm/state/limits.ts';
import { PieceFile } from '../../../../src-worker/swarm/state/piece-file.ts';
import { PiecePlan } from '../../../../src-worker/swarm/state/piece-plan.ts';
import { StoreShare } from '../../../../src-worker/swarm/state/store-share.ts';
import { plainDisk } from '../round.ts';
import { madeState, never, PIECE } from './rig.ts';

const { state, baseDigest, manifest } = madeState(4);
/** A state of five pieces in three extents: the second begins and ends within a piece. */
const borders = [0, 1.5 * PIECE, 3.25 * PIECE, state.length];
const extents = borders.slice(0, -1).map((at, i) => ({
  file: 'model.safetensors',
  segments: [{ tensor: `${i}`, from: 0, at, bytes: borders[i + 1]! - at, turned: null }],
}));

let folder: string;
let file: PieceFile;
let plan: PiecePlan;
let share: StoreShare;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'share-'));
  const at = { path: join(folder, 'state'), baseDigest, sizeBytes: state.length, pieceBytes: PIECE };
  file = await PieceFile.open(at, plainDisk(), never);
  await file.list(manifest);
  plan = new PiecePlan([0, 1, 2, 3, 4]);
  share = new StoreShare(extents, plan, file);
});
afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true });
});

/** A store's own file with the bytes of these extents and nothing else. */
async function scratch(which: readonly number[], harm = -1): Promise<string> {
  const bytes = new Uint8Array(state.length);
  for (const i of which) bytes.set(state.subarray(borders[i], borders[i + 1]), borders[i]);
  if (harm >= 0) bytes[harm]! ^= 1;
  const path = join(folder, 'scratch');
  await writeFile(path, bytes);
  return path;
}

const claim = (store: string, isAlone = false) => share.claim(store, { isAlone, nowMs: 0 });
const had = () => [0, 1, 2, 3, 4].filter((piece) => file.has(piece));

describe('what a store brings of a state', () => {
  it('begins where most is wanted, the last of equals, and never twice of the same', () => {
    expect(claim('a')).toBe(1);
    // Pieces 1 to 3 are under way: of the other two extents half are free.
    expect([claim('b'), claim('b'), claim('b')]).toEqual([2, 0, null]);
  });

  it('has a piece at a border only once both sides of it are there', async () => {
    claim('a');
    expect(await share.give('a', 1, await scratch([1]))).toBe(PIECE);
    expect(had()).toEqual([2]);
    expect(await share.give('a', 0, await scratch([0, 1]))).toBe(2 * PIECE);
    expect(had()).toEqual([0, 1, 2]);
    expect(await share.give('a', 2, await scratch([0, 1, 2]))).toBe(PIECE + 300);
    expect(file.isComplete).toBe(true);
  });

  it('is never put together of two stores', async () => {
    await share.give('a', 0, await scratch([0]));
    await share.give('b', 1, await scratch([1]));
    expect(had()).toEqual([0, 2]);
  });

  it('is named where a piece is wrong, of which nothing is kept', async () => {
    expect(await share.give('a', 1, await scratch([1], 2 * PIECE + 5))).toBeNull();
    expect(had()).toEqual([]);
    expect(plan.isFree(2)).toBe(true);
  });

  it('is free for others once the store does not bring it', () => {
    claim('a');
    expect(plan.isFree(2)).toBe(false);
    share.drop('a', 1);
    expect(plan.isFree(2)).toBe(true);
  });

  it('is not worth a whole extent for little of it, unless nobody else gives', () => {
    for (const piece of [0, 1, 2, 3]) plan.done(piece);
    plan.done(4);
    expect(claim('a')).toBeNull();
    plan = new PiecePlan([1]);
    share = new StoreShare(extents, plan, file);
    expect(claim('a')).toBe(0);
    share.drop('a', 0);
    plan = new PiecePlan([3]);
    share = new StoreShare(extents.slice(0, 2), plan, file);
    expect(claim('a')).toBeNull();
    expect(claim('a', true)).toBe(1);
  });

  it('is brought by another too where a store is at it beyond patience', () => {
    for (const extent of [1, 2, 0]) expect(claim('slow')).toBe(extent);
    const atMs = (nowMs: number) => share.claim('quick', { isAlone: false, nowMs });
    expect(atMs(EXTENT_PATIENCE_MS - 1)).toBeNull();
    expect(share.isAnotherAtWork('quick', EXTENT_PATIENCE_MS - 1)).toBe(true);
    expect(atMs(EXTENT_PATIENCE_MS)).toBe(0);
    expect(share.isAnotherAtWork('quick', EXTENT_PATIENCE_MS)).toBe(false);
    expect([atMs(EXTENT_PATIENCE_MS), atMs(EXTENT_PATIENCE_MS)]).toEqual([1, 2]);
    expect(atMs(EXTENT_PATIENCE_MS)).toBeNull();
  });

  it('is not brought once more of what is there', async () => {
    for (const extent of [1, 2, 0]) expect(claim('slow')).toBe(extent);
    for (const extent of [0, 1, 2]) await share.give('quick', extent, await scratch([0, 1, 2]));
    expect(file.isComplete).toBe(true);
    expect(share.claim('third', { isAlone: true, nowMs: EXTENT_PATIENCE_MS })).toBeNull();
  });
});

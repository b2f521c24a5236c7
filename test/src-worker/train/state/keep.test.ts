import { afterEach, beforeEach, expect, test } from 'vitest';
import { SNAPSHOT_COST_SHARE, SNAPSHOT_LEAST_MS } from '../../../../src-worker/train/limits.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { isSnapshotDue, keepLocal, keepWhileNobodyWaits } from '../../../../src-worker/train/state/keep.ts';
import { baseOf } from './held.ts';
import { dropRoot, newRoot, openRig, record, update } from './rig.ts';

let root: string;
beforeEach(async () => {
  root = await newRoot();
});
afterEach(() => dropRoot(root));

test('a snapshot holds the moment it was taken', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  const taken = rig.local.parameters.slice();
  await keepWhileNobodyWaits(rig.replica);
  rig.local.learn(update(2));
  expect((await openRig(root)).local.parameters).toEqual(taken);
});

test('the next snapshot waits until the last one cost less than its share of the time', async () => {
  const slowMs = 1_000;
  let nowMs = 0;
  const clock = performance.now;
  performance.now = () => nowMs;
  try {
    const rig = await openRig(root, (step) => {
      if (step === 'sync') nowMs += slowMs;
    });
    const startedMs = nowMs;
    await keepWhileNobodyWaits(rig.replica);
    const costMs = nowMs - startedMs;
    expect(costMs).toBeGreaterThanOrEqual(slowMs);
    const pauseMs = costMs / SNAPSHOT_COST_SHARE;
    expect(pauseMs).toBeGreaterThan(SNAPSHOT_LEAST_MS);
    expect(isSnapshotDue(rig.replica, nowMs + pauseMs - 1)).toBe(false);
    expect(isSnapshotDue(rig.replica, nowMs + pauseMs)).toBe(true);
    // One that a round's boundary writes counts as well: the pause begins anew with it.
    nowMs += pauseMs;
    await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
    expect(isSnapshotDue(rig.replica, nowMs + pauseMs / 2)).toBe(false);
  } finally {
    performance.now = clock;
  }
});

test('a snapshot that costs nothing comes no sooner than every so often', async () => {
  const rig = await openRig(root);
  await keepWhileNobodyWaits(rig.replica);
  expect(isSnapshotDue(rig.replica, performance.now() + SNAPSHOT_LEAST_MS - 5_000)).toBe(false);
  expect(isSnapshotDue(rig.replica, performance.now() + SNAPSHOT_LEAST_MS)).toBe(true);
});

test.each(['asks for the books', 'says so'])(
  'a snapshot under way is given up when somebody %s',
  async (how) => {
    const synced: string[] = [];
    const rig = await openRig(root, (step, path) => {
      if (step === 'sync' && path.endsWith('.snap')) synced.push(path);
    });
    rig.local.learn(update(1));
    const snapshot = keepWhileNobodyWaits(rig.replica);
    if (how === 'says so') rig.replica.giveUpSnapshot!();
    else await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
    await snapshot;
    expect(synced).toHaveLength(how === 'says so' ? 0 : 1);
    const { pending, local } = rig.replica.current;
    expect(rig.replica.current).toMatchObject({ previous: null, local: pending?.frozen ?? null });
    expect((await openRig(root)).local.parameters).toEqual(
      local ? rig.local.parameters : await baseOf(rig.replica),
    );
  },
);

test('while somebody has the books no snapshot is taken', async () => {
  const rig = await openRig(root);
  const { current } = rig.replica;
  await rig.replica.books.take(() => keepWhileNobodyWaits(rig.replica));
  expect(rig.replica.current).toBe(current);
});

test('a snapshot that fails is told, leaves no file behind, and is tried again later', async () => {
  let isFull = true;
  const rig = await openRig(root, (step, path) => {
    if (isFull && step === 'sync' && path.endsWith('.snap'))
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  rig.local.learn(update(1));
  await keepWhileNobodyWaits(rig.replica);
  expect(rig.told.errors.map(({ code }) => code)).toEqual(['DISK_FULL']);
  expect(isSnapshotDue(rig.replica, performance.now())).toBe(false);
  isFull = false;
  await keepLocal(rig.replica);
  expect(rig.told.cleared).toEqual(['DISK_FULL']);
  expect((await openRig(root)).local.parameters).toEqual(rig.local.parameters);
});

import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hex } from '../../../../src-shared/units.ts';
import { adopt } from '../../../../src-worker/train/state/adopt.ts';
import { norm } from '../../../../src-worker/train/state/algebra.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { keepLocal } from '../../../../src-worker/train/state/replica.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { readSnapshot } from '../../../../src-worker/train/state/snapshot.ts';
import { digestOfState, writeStateFile } from '../../../../src-worker/train/state/state-file.ts';
import {
  allTaken,
  consensus,
  dropRoot,
  ELEMENTS,
  initialWeights,
  leaveAverage,
  newRoot,
  numbers,
  openRig,
  ROSTER,
  record,
  update,
} from './rig.ts';

let root: string;
beforeEach(async () => {
  root = await newRoot();
});
afterEach(() => dropRoot(root));

const stateFile = (name: string) => join(root, 'state', name);

async function spoil(name: string) {
  const bytes = await readFile(stateFile(name));
  const middle = bytes.length >> 1;
  bytes[middle] = bytes[middle]! ^ 0x10;
  await writeFile(stateFile(name), bytes);
}

test('a new folder stands on the initial weights, and opening it again finds the same', async () => {
  const first = await openRig(root);
  expect(first.replica.base).toEqual(initialWeights());
  expect(first.replica.current.standing.round).toBe(-1);
  const second = await openRig(root);
  expect(second.replica.current).toEqual(first.replica.current);
});

test('a snapshot brings weights, moments and progress back', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await keepLocal(rig.replica, 0);
  const { image } = await openRig(root);
  expect(image!.parameters).toEqual(rig.local.parameters);
  expect(image!.optimizer).toEqual(rig.local.optimizer);
  expect(image!.progress.step).toBe(1);
});

test.each(['spoilt', 'cut short', 'gone'] as const)(
  'a snapshot that is %s falls back to the one before',
  async (how) => {
    const rig = await openRig(root);
    rig.local.learn(update(1));
    await keepLocal(rig.replica, 0);
    const older = rig.local.parameters.slice();
    rig.local.learn(update(2));
    await keepLocal(rig.replica, 0);
    const name = rig.replica.current.local!;
    if (how === 'spoilt') await spoil(name);
    else await truncate(stateFile(name), how === 'gone' ? 0 : 100);
    const reopened = await openRig(root);
    expect(reopened.local.parameters).toEqual(older);
  },
);

test('without any readable snapshot the replica starts at the base with zero moments', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await keepLocal(rig.replica, 0);
  await spoil(rig.replica.current.local!);
  const { image, local, replica } = await openRig(root);
  expect(image).toBeNull();
  expect(local.parameters).toEqual(replica.base);
});

test('a snapshot of another base or model is not taken for one of this', async () => {
  const rig = await openRig(root);
  await keepLocal(rig.replica, 0);
  const path = stateFile(rig.replica.current.local!);
  const { id } = rig.replica.current.standing;
  expect(await readSnapshot(path, ELEMENTS, id)).not.toBeNull();
  expect(await readSnapshot(path, ELEMENTS, hex('ee'.repeat(32)))).toBeNull();
  expect(await readSnapshot(path, ELEMENTS + 1, id)).toBeNull();
});

test('a header that claims more than a snapshot may hold is refused before it is read', async () => {
  const rig = await openRig(root);
  await keepLocal(rig.replica, 0);
  const path = stateFile(rig.replica.current.local!);
  const bytes = await readFile(path);
  bytes.writeUInt32LE(0xffff_fff0, 8);
  await writeFile(path, bytes);
  expect(await readSnapshot(path, ELEMENTS, rig.replica.current.standing.id)).toBeNull();
});

test('a lost frozen snapshot counts the contribution as taken whole', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
  await spoil(rig.replica.current.pending!.frozen!);
  const reopened = await openRig(root);
  await leaveAverage(root, 0, numbers(5, ELEMENTS), allTaken);
  const { resultId } = await prepare(reopened.replica, { round: 0, rosterDigest: ROSTER });
  await settle(reopened.replica, { round: 0, outcome: 'committed', resultId, drawn: true });
  expect(reopened.replica.residue).toBeNull();
  expect(reopened.local.parameters).toEqual(reopened.replica.base);
});

test('a residue that cannot be read is not owed', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
  await leaveAverage(
    root,
    0,
    numbers(5, ELEMENTS),
    allTaken.map(() => false),
  );
  const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  await settle(rig.replica, { round: 0, outcome: 'committed', resultId, drawn: false });
  expect(rig.replica.residue).not.toBeNull();
  await spoil(rig.replica.current.residue!);
  expect((await openRig(root)).replica.residue).toBeNull();
});

test.each(['CURRENT', 'state'] as const)('a spoilt %s falls back to the initial weights', async (what) => {
  const rig = await openRig(root);
  await leaveAverage(root, 0, numbers(5, ELEMENTS), allTaken);
  const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  await settle(rig.replica, { round: 0, outcome: 'committed', resultId, drawn: false });
  if (what === 'CURRENT') await writeFile(stateFile('CURRENT'), '{"format":1,');
  else await spoil(rig.replica.current.standing.state);
  const reopened = await openRig(root);
  expect(reopened.replica.current.standing.round).toBe(-1);
  expect(reopened.replica.base).toEqual(initialWeights());
});

test('the folder of another hotkey is refused and stays as it is', async () => {
  await openRig(root);
  const text = await readFile(stateFile('CURRENT'), 'utf8');
  const foreign = text.replace('5GrwvaEF5zXb26Fz', '5FHneW46xGXgs5mU');
  await writeFile(stateFile('CURRENT'), foreign);
  const files = await readdir(join(root, 'state'));
  await expect(openRig(root)).rejects.toMatchObject({ code: 'STATE_FOREIGN' });
  expect(await readdir(join(root, 'state'))).toEqual(files);
});

async function donorState(seed: number) {
  const base = numbers(seed, ELEMENTS);
  const momentum = numbers(seed + 1, ELEMENTS);
  const path = join(root, `donor-${seed}.f32`);
  await writeStateFile(new Disk(), path, base, momentum);
  const baseDigest = digestOfState(base, momentum, consensus.codec.pieceBytes);
  return { path, baseDigest, base, id: hex('1d'.repeat(32)) };
}

test.each([
  { round: 1, isKept: true },
  { round: 2, isKept: false },
])('a state of round $round taken over from round -1 keeps the delta: $isKept', async ({ round, isKept }) => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  const { base, ...donor } = await donorState(50);
  const standing = await adopt(rig.replica, { round, ...donor });
  expect(standing).toMatchObject({ round, id: donor.id, baseDigest: donor.baseDigest });
  expect(rig.replica.base).toEqual(base);
  expect(rig.local.parameters).toEqual(base);
  expect(rig.local.optimizer.m.every((x) => x === 0)).toBe(true);
  if (isKept) expect(norm(rig.replica.residue!)).toBeCloseTo(norm(update(1)), 6);
  else expect(rig.replica.residue).toBeNull();
  expect((await openRig(root)).local.parameters).toEqual(base);
});

test('a fetched state without its digest is refused and nothing changes', async () => {
  const rig = await openRig(root);
  const { path, id } = await donorState(50);
  const before = structuredClone(rig.replica.current);
  const adopting = adopt(rig.replica, { round: 0, id, baseDigest: hex('00'.repeat(32)), path });
  await expect(adopting).rejects.toMatchObject({ code: 'STATE_FILE_MALFORMED' });
  expect((await openRig(root)).replica.current).toEqual(before);
});

test('a full disk keeps the snapshot before and says so', async () => {
  const rig = await openRig(root, (step, path) => {
    if (step === 'sync' && path.includes('local-2'))
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  rig.local.learn(update(1));
  await keepLocal(rig.replica, 0);
  const kept = rig.local.parameters.slice();
  rig.local.learn(update(2));
  await expect(keepLocal(rig.replica, 0)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect((await openRig(root)).local.parameters).toEqual(kept);
});

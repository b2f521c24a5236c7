import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkedText, checkedValue } from '../../../../src-node/durable-json.ts';
import { hex } from '../../../../src-shared/units.ts';
import { adopt } from '../../../../src-worker/train/state/adopt.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import type { Current } from '../../../../src-worker/train/state/current.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { keepLocal } from '../../../../src-worker/train/state/keep.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { openedRound } from '../../../../src-worker/train/state/progress.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { readSnapshot } from '../../../../src-worker/train/state/snapshot.ts';
import { writeStateFile } from '../../../../src-worker/train/state/state-file.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { baseOf, held, whole } from './held.ts';
import {
  allTaken,
  CHUNK,
  consensus,
  dropRoot,
  ELEMENTS,
  initialWeights,
  leaveAverage,
  newRoot,
  norm,
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
  expect(await baseOf(first.replica)).toEqual(initialWeights());
  expect(first.replica.current.standing.round).toBe(-1);
  const second = await openRig(root);
  expect(second.replica.current).toEqual(first.replica.current);
});

test('a snapshot brings weights, moments and progress back', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await keepLocal(rig.replica);
  const { image } = await openRig(root);
  const { step: optimizerStep, ...moments } = rig.local.optimizer;
  const { parameters } = rig.local;
  expect(await held(image!, ELEMENTS)).toMatchObject({ parameters, optimizerStep, ...moments });
  expect(image!.progress.step).toBe(1);
});

test.each(['spoilt', 'cut short', 'gone'] as const)(
  'a snapshot that is %s falls back to the one before',
  async (how) => {
    const rig = await openRig(root);
    rig.local.learn(update(1));
    await keepLocal(rig.replica);
    const older = rig.local.parameters.slice();
    rig.local.learn(update(2));
    await keepLocal(rig.replica);
    const name = rig.replica.current.local!;
    if (how === 'spoilt') await spoil(name);
    else await truncate(stateFile(name), how === 'gone' ? 0 : 100);
    const reopened = await openRig(root);
    expect(reopened.local.parameters).toEqual(older);
    expect(reopened.told.damaged()).toEqual([name]);
  },
);

test('without any readable snapshot the replica starts at the base with zero moments', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await keepLocal(rig.replica);
  await spoil(rig.replica.current.local!);
  const { current } = rig.replica;
  const { image, local, replica, told } = await openRig(root);
  expect(told.damaged()).toEqual([current.local]);
  expect(image).toBeNull();
  expect(local.parameters).toEqual(await baseOf(replica));
});

test('a snapshot of another base or model is not taken for one of this', async () => {
  const rig = await openRig(root);
  await keepLocal(rig.replica);
  const path = stateFile(rig.replica.current.local!);
  const { id } = rig.replica.current.standing;
  expect(await readSnapshot(path, ELEMENTS, id)).not.toBeNull();
  expect(await readSnapshot(path, ELEMENTS, hex('ee'.repeat(32)))).toBeNull();
  expect(await readSnapshot(path, ELEMENTS + 1, id)).toBeNull();
});

test('a header that claims more than a snapshot may hold is refused before it is read', async () => {
  const rig = await openRig(root);
  await keepLocal(rig.replica);
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
  await settle(reopened.replica, { round: 0, outcome: 'committed', resultId, drawn: true, medianNorm: null });
  expect(reopened.replica.residue).toBeNull();
  expect(reopened.local.parameters).toEqual(await baseOf(reopened.replica));
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
  await settle(rig.replica, { round: 0, outcome: 'committed', resultId, drawn: false, medianNorm: null });
  expect(rig.replica.residue).not.toBeNull();
  await spoil(rig.replica.current.residue!);
  const { residue } = rig.replica.current;
  const reopened = await openRig(root);
  expect(reopened.replica.residue).toBeNull();
  expect(reopened.told.damaged()).toEqual([residue]);
});

test('where CURRENT is spoilt, its copy stands in for it and nothing is lost', async () => {
  const rig = await afterACommit();
  rig.local.learn(update(2));
  await keepLocal(rig.replica);
  await spoil('CURRENT');
  const reopened = await openRig(root);
  expect(reopened.replica.current).toEqual(rig.replica.current);
  expect(reopened.local.parameters).toEqual(rig.local.parameters);
  expect(reopened.told.damaged()).toEqual(['CURRENT']);
  expect((await openRig(root)).told.errors).toEqual([]);
});

test('a spoilt copy of CURRENT is set aside and made anew', async () => {
  const rig = await openRig(root);
  await spoil('CURRENT.copy');
  expect((await openRig(root)).told.damaged()).toEqual(['CURRENT.copy']);
  await spoil('CURRENT');
  expect((await openRig(root)).replica.current).toEqual(rig.replica.current);
});

test('a spoilt state falls back to the one before while that is kept, and what belonged to it stays for a person', async () => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await keepLocal(rig.replica);
  await leaveAverage(root, 0, numbers(5, ELEMENTS), allTaken);
  const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  await settle(rig.replica, { round: 0, outcome: 'committed', resultId, drawn: true, medianNorm: null });
  const { standing, local, formerly } = rig.replica.current;
  expect(formerly?.round).toBe(-1);
  await spoil(standing.state);
  const reopened = await openRig(root);
  expect(reopened.replica.current.standing).toEqual(formerly);
  expect(await baseOf(reopened.replica)).toEqual(initialWeights());
  expect(reopened.replica.current).toMatchObject({ pending: null, residue: null, settledRound: 0 });
  expect(reopened.told.damaged()).toEqual([standing.state]);
  const files = await readdir(join(root, 'state'));
  for (const name of [standing.state, local]) expect(files).toContain(`${name}.damaged-1`);
});

test('who trains keeps no state before a newer one: the initial weights stand, and what is lost stays for a person', async () => {
  const rig = await afterACommit();
  rig.local.learn(update(2));
  await contribute(rig.replica, { round: 1, codec: 'fp16', medianNorm: null }, record(1));
  const { standing, formerly, local, residue } = rig.replica.current;
  expect([standing.round, formerly]).toEqual([0, null]);
  expect([local, residue]).not.toContain(null);
  await spoil(standing.state);
  const reopened = await openRig(root);
  expect(reopened.replica.current.standing.round).toBe(-1);
  expect(reopened.local.parameters).toEqual(initialWeights());
  expect(reopened.replica.current).toMatchObject({ pending: null, residue: null });
  expect(reopened.told.damaged()).toEqual([standing.state]);
  const files = await readdir(join(root, 'state'));
  for (const name of [standing.state, local, residue]) expect(files).toContain(`${name}.damaged-1`);
});

async function afterACommit() {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
  await leaveAverage(root, 0, numbers(5, ELEMENTS), allTaken);
  const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  await settle(rig.replica, { round: 0, outcome: 'committed', resultId, drawn: true, medianNorm: null });
  return rig;
}

test.each(['CURRENT', 'state'] as const)(
  'without any sound %s the initial weights stand, and nothing is deleted',
  async (what) => {
    const rig = await openRig(root);
    await leaveAverage(root, 0, numbers(5, ELEMENTS), allTaken);
    const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
    await settle(rig.replica, { round: 0, outcome: 'committed', resultId, drawn: false, medianNorm: null });
    const { standing } = rig.replica.current;
    const spoilt = what === 'CURRENT' ? ['CURRENT', 'CURRENT.copy'] : [standing.state];
    for (const name of spoilt) await writeFile(stateFile(name), '{"format":1,');
    const before = await readdir(join(root, 'state'));
    const reopened = await openRig(root);
    expect(reopened.replica.current.standing.round).toBe(-1);
    expect(await baseOf(reopened.replica)).toEqual(initialWeights());
    expect(reopened.told.damaged()).toEqual(spoilt);
    const after = await readdir(join(root, 'state'));
    const kept = before.filter((name) => after.includes(name) || after.includes(`${name}.damaged-1`));
    expect(kept).toEqual(before);
  },
);

test('a number in CURRENT that one flipped bit changed is not believed', async () => {
  const rig = await afterACommit();
  const text = await readFile(stateFile('CURRENT'), 'utf8');
  await writeFile(stateFile('CURRENT'), text.replace('"settledRound": 0', '"settledRound": 8'));
  const { replica, told } = await openRig(root);
  expect(replica.current).toEqual(rig.replica.current);
  expect(told.damaged()).toEqual(['CURRENT']);
});

test('a prepared commit that cannot be read is set aside and made again', async () => {
  const rig = await openRig(root);
  await leaveAverage(root, 0, numbers(5, ELEMENTS), allTaken);
  const first = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  await spoil('prepared.json');
  const reopened = await openRig(root);
  expect(reopened.told.damaged()).toEqual(['prepared.json']);
  expect(await prepare(reopened.replica, { round: 0, rosterDigest: ROSTER })).toEqual({
    baseDigest: first.baseDigest,
    resultId: first.resultId,
    resultsDigest: first.resultsDigest,
  });
});

test('what is set aside is never written over, and the next start leaves it alone', async () => {
  const rig = await openRig(root);
  for (const text of ['first', 'second']) {
    await writeFile(stateFile('CURRENT.copy'), text);
    await openRig(root);
  }
  const read = (n: number) => readFile(stateFile(`CURRENT.copy.damaged-${n}`), 'utf8');
  expect([await read(1), await read(2)]).toEqual(['first', 'second']);
  expect(rig.replica.current.serial).toBe(0);
});

test('the folder of another hotkey is refused and stays as it is', async () => {
  await openRig(root);
  const value = checkedValue(await readFile(stateFile('CURRENT'), 'utf8'))!.value as Current;
  const hotkey = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';
  for (const name of ['CURRENT', 'CURRENT.copy'])
    await writeFile(stateFile(name), checkedText({ ...value, hotkey }));
  const files = await readdir(join(root, 'state'));
  await expect(openRig(root)).rejects.toMatchObject({ code: 'STATE_FOREIGN' });
  expect(await readdir(join(root, 'state'))).toEqual(files);
});

async function donorState(seed: number) {
  const base = numbers(seed, ELEMENTS);
  const momentum = numbers(seed + 1, ELEMENTS);
  const path = join(root, `donor-${seed}.f32`);
  const state = { base: inMemory(base), momentum: inMemory(momentum) };
  const { pieceBytes } = consensus.codec;
  const baseDigest = await writeStateFile(new Disk(), path, state, { elements: ELEMENTS, pieceBytes });
  return { path, baseDigest, base, id: hex('1d'.repeat(32)), committed: [] };
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
  expect(await baseOf(rig.replica)).toEqual(base);
  expect(rig.local.parameters).toEqual(base);
  expect(rig.local.optimizer.m.every((x) => x === 0)).toBe(true);
  expect(rig.local.progress.sinceReset).toBe(0);
  if (isKept) expect(norm(await whole(rig.replica.residue!, ELEMENTS))).toBeCloseTo(norm(update(1)), 6);
  else expect(rig.replica.residue).toBeNull();
  expect((await openRig(root)).local.parameters).toEqual(base);
});

test.each([
  { what: 'of a void round: nothing was', committed: [{ round: 1, taken: null }], taken: '00000' },
  { what: 'that the list shows in part', committed: [{ round: 0, taken: '10010' }], taken: '10010' },
  { what: 'of which nobody knows: all of it was', committed: [{ round: 0, taken: null }], taken: '11111' },
])('a state taken over leaves of a contribution what was not taken; $what', async ({ committed, taken }) => {
  const rig = await openRig(root);
  rig.local.learn(update(1));
  await contribute(rig.replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
  rig.local.learn(update(2));
  await adopt(rig.replica, { round: 1, ...(await donorState(50)), committed });
  const owed = await whole(rig.replica.residue!, ELEMENTS);
  const [offered, later] = [update(1), update(2)];
  for (const [i, value] of owed.entries()) {
    const isTaken = taken[Math.floor(i / CHUNK)] === '1';
    expect(value).toBeCloseTo(-(later[i]! + (isTaken ? 0 : offered[i]!)), 4);
  }
});

test('a fetched state without its digest is refused and nothing changes', async () => {
  const rig = await openRig(root);
  const { path, id } = await donorState(50);
  const before = structuredClone(rig.replica.current);
  const adopting = adopt(rig.replica, {
    round: 0,
    id,
    baseDigest: hex('00'.repeat(32)),
    path,
    committed: [],
  });
  await expect(adopting).rejects.toMatchObject({ code: 'STATE_FILE_MALFORMED' });
  expect((await openRig(root)).replica.current).toEqual(before);
});

test('an open round starts afresh on a state taken over: its first step is checked there', async () => {
  const rig = await openRig(root);
  const open = { ...openedRound(5, hex('b1'.repeat(32))), innerSteps: 3, steps: 3, sketches: [[1]] };
  rig.local.progress = { ...rig.local.progress, round: open };
  await adopt(rig.replica, { round: 1, ...(await donorState(50)) });
  const { round } = rig.local.progress;
  expect(round).toEqual(openedRound(5, hex('b1'.repeat(32))));
  expect((await openRig(root)).image!.progress.round).toEqual(round);
});

test('a full disk keeps the snapshot before and says so', async () => {
  const rig = await openRig(root, (step, path) => {
    if (step === 'sync' && path.includes('local-2'))
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  });
  rig.local.learn(update(1));
  await keepLocal(rig.replica);
  const kept = rig.local.parameters.slice();
  rig.local.learn(update(2));
  await expect(keepLocal(rig.replica)).rejects.toMatchObject({ code: 'DISK_FULL' });
  expect((await openRig(root)).local.parameters).toEqual(kept);
});

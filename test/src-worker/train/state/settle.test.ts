import { readdirSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../../src-node/sha256.ts';
import { outerStep } from '../../../../src-shared/reduce/outer-step.ts';
import { StateDigest } from '../../../../src-shared/reduce/state-digest.ts';
import { listOf } from '../../../../src-shared/rounds/averaged-list.ts';
import { resultId as idOf } from '../../../../src-shared/rounds/ids.ts';
import { resultsDigest as listDigest } from '../../../../src-shared/rounds/results-list.ts';
import { spoolFiles, spoolFolder } from '../../../../src-shared/spool.ts';
import { hex } from '../../../../src-shared/units.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { keepLocal } from '../../../../src-worker/train/state/keep.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { bytesOf } from '../../../../src-worker/train/state/vectors.ts';
import { baseOf, whole } from './held.ts';
import {
  allTaken,
  CHUNK,
  consensus,
  dropRoot,
  ELEMENTS,
  leaveAverage,
  newRoot,
  norm,
  numbers,
  openRig,
  type Rig,
  ROSTER,
  record,
  update,
} from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig(await newRoot());
});
afterEach(() => dropRoot(rig.root));

const averagedDigest = async (root: string, round: number) => {
  const path = join(root, 'spool', spoolFolder(round), spoolFiles.averageManifest);
  return listDigest(listOf(JSON.parse(await readFile(path, 'utf8'))), sha256);
};

const residueOf = ({ replica }: Rig) => whole(replica.residue!, ELEMENTS);

const offer = (round: number, medianNorm: number | null = null) =>
  contribute(rig.replica, { round, codec: 'fp16', medianNorm }, record(round));

async function commitRound(round: number, drawn: boolean, taken: readonly (boolean | null)[]) {
  await leaveAverage(rig.root, round, numbers(5, ELEMENTS), taken);
  const { resultId } = await prepare(rig.replica, { round, rosterDigest: ROSTER });
  return settle(rig.replica, { round, outcome: 'committed', resultId, drawn, medianNorm: null });
}

test('a commit moves base and momentum by the outer step, elements without result averaging 0', async () => {
  const base = await baseOf(rig.replica);
  const momentum = new Float32Array(ELEMENTS);
  await offer(0);
  await commitRound(0, true, [true, null, true, true, true]);
  const sent = numbers(5, ELEMENTS);
  const average = Float64Array.from(sent, (x) => Math.f16round(x * 256) / 256);
  average.fill(0, CHUNK, 2 * CHUNK);
  outerStep(base, momentum, average, { lr: 0.7, momentum: 0.8 });
  expect(await baseOf(rig.replica)).toEqual(base);
  const digest = new StateDigest(consensus.codec.pieceBytes, sha256);
  for (const vector of [base, momentum]) digest.update(bytesOf(vector));
  expect(rig.replica.current.standing.baseDigest).toBe(digest.finish().digest);
});

test('a commit writes no snapshot: the one of its contribution says where the replica stands', async () => {
  rig.local.learn(update(1));
  await offer(0);
  const { local } = rig.replica.current;
  await commitRound(0, true, allTaken);
  expect(rig.replica.current.local).toBe(local);
  expect(rig.local.parameters).toEqual(await baseOf(rig.replica));
  const again = await openRig(rig.root);
  expect(again.local.parameters).toEqual(rig.local.parameters);
  expect(again.local.optimizer).toEqual(rig.local.optimizer);
});

test('the snapshot after a commit stands on the new base, and what it was moved from goes', async () => {
  rig.local.learn(update(1));
  await offer(0);
  rig.local.learn(update(2));
  await keepLocal(rig.replica);
  await commitRound(0, true, allTaken);
  expect((await openRig(rig.root)).local.parameters).toEqual(rig.local.parameters);
  await keepLocal(rig.replica);
  const { rebase, previous, local } = rig.replica.current;
  expect([rebase, previous]).toEqual([null, null]);
  const snapshots = (await readdir(join(rig.root, 'state'))).filter((name) => name.endsWith('.snap'));
  expect(snapshots).toEqual([local]);
  expect((await openRig(rig.root)).local.parameters).toEqual(rig.local.parameters);
});

test('two commits without a contribution in between move the replica twice, also for one who starts again', async () => {
  rig.local.learn(update(1));
  await keepLocal(rig.replica);
  await commitRound(0, false, allTaken);
  expect(rig.replica.current.rebase).toMatchObject({ from: null });
  expect((await openRig(rig.root)).local.parameters).toEqual(rig.local.parameters);
  await commitRound(1, false, allTaken);
  expect((await openRig(rig.root)).local.parameters).toEqual(rig.local.parameters);
});

test('a replica that cannot be moved to the new base as a whole starts there', async () => {
  rig.local.learn(update(1));
  await offer(0);
  rig.local.learn(update(2));
  const move = rig.local.move.bind(rig.local);
  rig.local.move = async () => {
    rig.local.parameters[0] = 7;
    rig.local.move = move;
    throw new Error('the card is lost');
  };
  await commitRound(0, true, allTaken);
  expect(rig.local.parameters).toEqual(await baseOf(rig.replica));
});

test('the id of a commit is the hash of its parent, round, roster, results and base', async () => {
  const parent = rig.replica.current.standing.id;
  const standing = await commitRound(6, false, allTaken);
  const { baseDigest } = standing;
  const resultsDigest = await averagedDigest(rig.root, 6);
  expect(standing.id).toBe(idOf(parent, { round: 6, rosterDigest: ROSTER, resultsDigest, baseDigest }));
  expect(standing.round).toBe(6);
});

test('settling a round twice answers where it stands and rebases once', async () => {
  rig.local.learn(update(1));
  await offer(0);
  const first = await commitRound(0, true, allTaken);
  const local = rig.local.parameters.slice();
  const again = await settle(rig.replica, {
    round: 0,
    outcome: 'committed',
    resultId: first.id,
    drawn: true,
    medianNorm: null,
  });
  expect(again).toEqual(first);
  expect(rig.local.parameters).toEqual(local);
});

test('what was taken of a clipped member is gone as a whole', async () => {
  rig.local.learn(update(1));
  await offer(0);
  await commitRound(0, true, allTaken);
  // Only what fp16 rounded off is still owed, whatever factor the group applied.
  expect(norm(await residueOf(rig))).toBeLessThan(norm(update(1)) * 2 ** -9);
});

test('a member that was not drawn owes at most three medians', async () => {
  for (let i = 0; i < 5; i += 1) rig.local.learn(update(1));
  const median = norm(update(1)) / 2;
  await offer(0, median);
  await commitRound(
    0,
    false,
    allTaken.map(() => false),
  );
  expect(norm(await residueOf(rig))).toBeCloseTo(3 * median, 6);
  expect(rig.local.parameters).toEqual(await baseOf(rig.replica));
});

test('what a part of the round missed every time does not pile up beyond three medians', async () => {
  const median = norm(update(1)) / 2;
  for (let round = 0; round < 12; round += 1) {
    rig.local.learn(update(1));
    await offer(round, median);
    await commitRound(round, true, [false, true, false, false, false]);
    expect(norm(await residueOf(rig))).toBeLessThanOrEqual(3 * median * (1 + 1e-6));
  }
  expect(norm(await residueOf(rig))).toBeCloseTo(3 * median, 6);
});

test('the median of the round itself caps what it leaves', async () => {
  rig.local.learn(update(1));
  await offer(0, norm(update(1)));
  const median = norm(update(1)) / 10;
  await leaveAverage(rig.root, 0, numbers(5, ELEMENTS), allTaken);
  const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  const settled = { round: 0, outcome: 'committed', resultId, drawn: false, medianNorm: median } as const;
  await settle(rig.replica, settled);
  expect(norm(await residueOf(rig))).toBeCloseTo(3 * median, 6);
  expect(rig.replica.current.medianNorm).toBe(median);
});

test('a committed round that was not prepared is refused and changes nothing', async () => {
  rig.local.learn(update(1));
  await offer(0);
  const before = structuredClone(rig.replica.current);
  const settling = settle(rig.replica, {
    round: 0,
    outcome: 'committed',
    resultId: hex('77'.repeat(32)),
    drawn: true,
    medianNorm: null,
  });
  await expect(settling).rejects.toMatchObject({ code: 'NOT_NOW' });
  expect(rig.replica.current).toEqual(before);
});

test('a prepared state that somebody changed after it was written is refused', async () => {
  await offer(0);
  await leaveAverage(rig.root, 0, numbers(5, ELEMENTS), allTaken);
  const { resultId } = await prepare(rig.replica, { round: 0, rosterDigest: ROSTER });
  const prepared = (await readdir(rig.replica.folder.path(''))).find((name) => name.startsWith('state-0-'))!;
  const path = rig.replica.folder.path(prepared);
  const bytes = await readFile(path);
  bytes[100]! ^= 1;
  await writeFile(path, bytes);
  // A clock of files may stand still for some milliseconds.
  await utimes(path, 0, 0);
  const settling = settle(rig.replica, {
    round: 0,
    outcome: 'committed',
    resultId,
    drawn: true,
    medianNorm: null,
  });
  await expect(settling).rejects.toMatchObject({ code: 'STATE_FILE_MALFORMED' });
  expect(rig.replica.current.settledRound).toBe(-1);
});

test('a contribution of which nobody told the outcome counts as taken when the next one is made', async () => {
  rig.local.learn(update(1));
  await offer(0);
  const frozen = rig.local.parameters.slice();
  rig.local.learn(update(2));
  await offer(1);
  const base = await baseOf(rig.replica);
  const since = rig.local.parameters.map((value, i) => value - base[i]!);
  const expected = update(2);
  for (let i = 0; i < ELEMENTS; i += 1) expect(since[i]!).toBeCloseTo(expected[i]!, 6);
  expect(rig.replica.residue).toBeNull();
  expect(frozen).not.toEqual(rig.local.parameters);
});

test('a contribution to a settled round is refused', async () => {
  await settle(rig.replica, { round: 3, outcome: 'void', resultId: null, drawn: false, medianNorm: null });
  const { contributed } = await import('../../../../src-worker/train/state/contribute.ts');
  await expect(contributed(rig.replica, { round: 3, codec: 'fp16', medianNorm: null })).rejects.toMatchObject(
    { code: 'NOT_NOW' },
  );
});

test('weights that are not finite are never offered: the replica starts again at the base', async () => {
  rig.local.parameters[7] = Number.NaN;
  const { norm: offeredNorm } = await offer(0);
  expect(offeredNorm).toBe(0);
  expect(rig.local.parameters).toEqual(await baseOf(rig.replica));
});

test('one who trains has one state and one snapshot beside what a contribution or a commit writes', async () => {
  const lying: Record<string, string[]> = {};
  const watched = await openRig(rig.root, (step, path) => {
    if (step === 'sync') lying[basename(path)] = lyingIn(rig.root);
  });
  rig = watched;
  rig.local.learn(update(1));
  await offer(0);
  await commitRound(0, true, [true, null, true, true, true]);
  rig.local.learn(update(2));
  await offer(1);
  const [snapshot, residue] = ['local-#.snap', 'residue-#.f24'];
  expect(lying['contribution.bin']).toEqual([
    ...['average.bin', 'contribution.bin', 'contribution.bin.tmp', snapshot, residue, 'state-0-#.f32'],
  ]);
  await commitRound(1, true, [null, true, true, true, true]);
  const written = rig.replica.current.residue!;
  expect(lying[written]).toEqual([
    ...['average.bin', 'contribution.bin', snapshot, residue, `${residue}.tmp`],
    ...['state-0-#.f32', 'state-1-#.f32'],
  ]);
});

/** Files that grow with the model, serials and digests left out. */
function lyingIn(root: string): string[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => basename(path));
  const large = names.filter((name) => /\.(bin|snap|f32|f24)(\.tmp)?$/.test(name));
  return large
    .map((name) => name.replace(/[0-9a-f]{16}/, '#').replace(/(local|residue)-\d+/, '$1-#'))
    .toSorted();
}

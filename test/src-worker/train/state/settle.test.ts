import { afterEach, beforeEach, expect, test } from 'vitest';
import { outerStep } from '../../../../src-shared/reduce/outer-step.ts';
import { resultId as idOf } from '../../../../src-shared/rounds/ids.ts';
import { hex } from '../../../../src-shared/units.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { whole } from './held.ts';
import {
  allTaken,
  CHUNK,
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

const residueOf = ({ replica }: Rig) => whole(replica.residue!, ELEMENTS);

const offer = (round: number, medianNorm: number | null = null) =>
  contribute(rig.replica, { round, codec: 'fp16', medianNorm }, record(round));

async function commitRound(round: number, drawn: boolean, taken: readonly (boolean | null)[]) {
  await leaveAverage(rig.root, round, numbers(5, ELEMENTS), taken);
  const { resultId } = await prepare(rig.replica, { round, rosterDigest: ROSTER });
  return settle(rig.replica, { round, outcome: 'committed', resultId, drawn, medianNorm: null });
}

test('a commit moves base and momentum by the outer step, elements without result averaging 0', async () => {
  const base = rig.replica.base.slice();
  const momentum = new Float32Array(ELEMENTS);
  await offer(0);
  await commitRound(0, true, [true, null, true, true, true]);
  const sent = numbers(5, ELEMENTS);
  const average = Float64Array.from(sent, (x) => Math.f16round(x * 256) / 256);
  average.fill(0, CHUNK, 2 * CHUNK);
  outerStep(base, momentum, average, { lr: 0.7, momentum: 0.8 });
  expect(rig.replica.base).toEqual(base);
});

test('the id of a commit is the hash of its parent, round, roster and base', async () => {
  const parent = rig.replica.current.standing.id;
  const standing = await commitRound(6, false, allTaken);
  expect(standing.id).toBe(idOf(parent, 6, ROSTER, standing.baseDigest));
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
  expect(rig.local.parameters).toEqual(rig.replica.base);
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

test('a contribution of which nobody told the outcome counts as taken when the next one is made', async () => {
  rig.local.learn(update(1));
  await offer(0);
  const frozen = rig.local.parameters.slice();
  rig.local.learn(update(2));
  await offer(1);
  const since = rig.local.parameters.map((value, i) => value - rig.replica.base[i]!);
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
  expect(rig.local.parameters).toEqual(rig.replica.base);
});

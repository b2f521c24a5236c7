import { afterEach, beforeAll, expect, test } from 'vitest';
import { hex } from '../../../../src-shared/units.ts';
import { Disk, type DiskStep } from '../../../../src-worker/train/state/disk.ts';
import { bytesOf } from '../../../../src-worker/train/state/vectors.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { momentsApart } from '../../../runs.ts';
import { whole } from '../state/held.ts';
import { digestOf, dropRoot, newRoot } from '../state/rig.ts';
import { imageOf, leaveOwnAverage, parametersOf, type Rig, STEPS, startRig, workOf } from './rig.ts';

/**
 * A process that is killed loses what was not on the disk. Training is deterministic, so whatever the moment, the
 * round must end as if nobody had been killed: same contribution, same sketches, same base, same local weights.
 */
const ROSTER = hex('5a'.repeat(32));
const roots: string[] = [];
beforeAll(buildKernels);
afterEach(async () => {
  for (const root of roots.splice(0)) await dropRoot(root);
});

async function folder(): Promise<string> {
  const root = await newRoot();
  roots.push(root);
  return root;
}

/** Everything that the host asks for in a round, from where the replica stands: the host's journal knows the place. */
async function playRound(rig: Rig, round: number): Promise<void> {
  if (rig.trainer.replica.current.settledRound >= round) return;
  await rig.openRound(round);
  await rig.rested(round);
  await rig.contribute(round);
  await leaveOwnAverage(rig.root, round, ROSTER);
  const { resultId } = await rig.handlers.prepare({ round, rosterDigest: ROSTER }, rig.signal);
  const settled = { round, outcome: 'committed', resultId, drawn: true, medianNorm: null } as const;
  await rig.handlers.settle(settled, rig.signal);
}

async function outcomeOf(rig: Rig) {
  const { replica } = rig.trainer;
  const image = await imageOf(rig);
  return {
    standing: replica.current.standing,
    residue: replica.residue && digestOf(bytesOf(await whole(replica.residue, replica.elements))),
    local: digestOf(bytesOf(await parametersOf(rig.engine))),
    moments: digestOf(bytesOf(image.m)),
    progress: image.progress,
    work: [await workOf(rig.root, 0), await workOf(rig.root, 1)],
  };
}

async function playedThrough(root: string) {
  const rig = await startRig(root);
  for (const round of [0, 1]) await playRound(rig, round);
  const outcome = await outcomeOf(rig);
  await rig.stop();
  return outcome;
}

/** The process dies at the k-th change of the disk in round 1. @returns what it was about to do, null beyond the last */
async function killedAt(root: string, k: number): Promise<string | null> {
  let count = Number.NEGATIVE_INFINITY;
  let last: string | null = null;
  const watch = (step: DiskStep, path: string) => {
    count += 1;
    if (count <= k) return;
    last ??= `${step} ${path.replace(root, '').replace(/[0-9a-f]{16}|\d{12}/g, '#')}`;
    throw new Error('killed');
  };
  const rig = await startRig(root, { disk: new Disk(watch) });
  await playRound(rig, 0);
  // Nothing of round 0 is still on its way.
  await rig.trainer.replica.books.take(async () => {});
  count = 0;
  await playRound(rig, 1).catch(() => {});
  const killed = last;
  await rig.stop();
  return killed;
}

test('a process killed at any moment of a round ends that round as if it had not been killed', async () => {
  const expected = await playedThrough(await folder());
  expect(expected.work[1]).toMatchObject({ steps: STEPS, sequences: STEPS * 4 });
  const moments: string[] = [];
  for (let k = 0; ; k += momentsApart(3)) {
    const root = await folder();
    const moment = await killedAt(root, k);
    if (moment === null) break;
    moments.push(moment);
    const rig = await startRig(root);
    await playRound(rig, 1);
    expect(await outcomeOf(rig), `killed before: ${moment}`).toEqual(expected);
    await rig.stop();
  }
  for (const part of ['.snap', 'contribution', 'state-', 'CURRENT', 'residue'])
    expect(moments.some((moment) => moment.includes(part))).toBe(true);
}, 240_000);

test('after a restart the round goes on from its snapshot, not from its beginning', async () => {
  const root = await folder();
  const first = await startRig(root);
  await first.openRound(0);
  await first.rested(0);
  await first.trainer.replica.books.take(async () => {});
  const { sketches } = first.trainer.local.progress.round!;
  // kill -9: nothing is asked of the old process any more.
  const second = await startRig(root);
  expect(second.trainer.local.progress.round!.innerSteps).toBeGreaterThanOrEqual(1);
  expect(second.trainer.local.progress.round!.sketches).toEqual(sketches);
  await second.openRound(0);
  await second.rested(0);
  expect(second.seen.every(({ innerStep }) => innerStep > 1)).toBe(true);
  expect(second.trainer.local.progress.step).toBe(STEPS);
  await second.stop();
  await first.engine.dispose();
});

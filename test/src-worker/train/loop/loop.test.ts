import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { aborted } from '../../../../src-node/waits.ts';
import { hex } from '../../../../src-shared/units.ts';
import { assignmentOf, readStep } from '../../../../src-worker/train/loop/assignment.ts';
import { learningRate } from '../../../../src-worker/train/loop/schedule.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { baseOf, whole } from '../state/held.ts';
import { dropRoot, newRoot } from '../state/rig.ts';
import {
  ALICE,
  BLOCK,
  consensus,
  corpus,
  imageOf,
  leaveOwnAverage,
  newEngine,
  PAGE_SEQUENCES,
  parametersOf,
  type Rig,
  type RigOptions,
  STEPS,
  startRig,
  workOf,
} from './rig.ts';

const ROSTER = hex('5a'.repeat(32));
beforeAll(buildKernels);

let root: string;
const running: Rig[] = [];
beforeEach(async () => {
  root = await newRoot();
});
afterEach(async () => {
  for (const rig of running.splice(0)) await rig.stop();
  await dropRoot(root);
});

async function start(options: RigOptions = {}): Promise<Rig> {
  const rig = await startRig(root, options);
  running.push(rig);
  return rig;
}

const stop = async (rig: Rig) => {
  running.splice(running.indexOf(rig), 1);
  await rig.stop();
};

const inTurns = { microBatches: 2, sequences: 2 };
const openingBatches = (rig: Rig, round: number, blockHash = BLOCK) => {
  const { hotkey, profileHash } = rig.trainer;
  const assignment = assignmentOf(corpus, consensus.model.context, { hotkey, profileHash, round, blockHash });
  return readStep(assignment, { page: 0, sequence: 0 }, inTurns, rig.signal).then((batches) => ({
    batches,
    seed: assignment.seed,
  }));
};

test('no step is taken before the first round opens', async () => {
  const rig = await start();
  for (let i = 0; i < 20; i += 1) await setImmediate();
  expect(rig.trainer.local.progress.step).toBe(0);
  expect(await parametersOf(rig.engine)).toEqual(await baseOf(rig.trainer.replica));
});

test("a round's steps are taken, then training rests until the next round opens", async () => {
  const rig = await start();
  await rig.openRound(0);
  await rig.rested(0);
  for (let i = 0; i < 20; i += 1) await setImmediate();
  expect(rig.trainer.local.progress.step).toBe(STEPS);
  await rig.openRound(1);
  await rig.rested(1);
  expect(rig.trainer.local.progress.step).toBe(2 * STEPS);
});

test('steps are reported with all their tokens', async () => {
  const rig = await start();
  await rig.openRound(0);
  await rig.rested(0);
  const perStep = 2 * 2 * consensus.model.context;
  expect(rig.seen.reduce((sum, event) => sum + event.tokens, 0)).toBe(STEPS * perStep);
  expect(rig.seen.at(-1)).toMatchObject({ round: 0, innerStep: STEPS, step: STEPS });
});

test('training rests while it is not active, and goes on where it was', async () => {
  const rig = await start();
  await rig.handlers.setActive({ active: false }, rig.signal);
  await rig.openRound(0);
  for (let i = 0; i < 20; i += 1) await setImmediate();
  expect(rig.trainer.local.progress.step).toBe(0);
  await rig.handlers.setActive({ active: true }, rig.signal);
  await rig.rested(0);
  expect(rig.trainer.local.progress.step).toBe(STEPS);
});

test('a step that was dropped for a pause is taken again, and nothing is different afterwards', async () => {
  const expected = await start();
  await expected.openRound(0);
  await expected.rested(0);
  const parameters = await parametersOf(expected.engine);
  const { progress } = expected.trainer.local;
  await stop(expected);
  await dropRoot(root);
  root = await newRoot();
  const rig = await start();
  const whole = rig.engine.gradient.bind(rig.engine);
  const begun: number[] = [];
  rig.engine.gradient = async (batches, options) => {
    begun.push(rig.trainer.local.progress.step);
    if (begun.length !== 1 && begun.length !== 4) return whole(batches, options);
    // The first micro-batch is through when somebody wants the computer back.
    await whole(batches.slice(0, 1));
    await rig.handlers.setActive({ active: false }, rig.signal);
    await aborted(options!.signal!);
    await rig.handlers.setActive({ active: true }, rig.signal);
    return whole(batches, options);
  };
  await rig.openRound(0);
  await rig.rested(0);
  expect(begun).toEqual([0, 0, 1, 2, 2, 3, 4, 5]);
  expect(await parametersOf(rig.engine)).toEqual(parameters);
  expect(rig.trainer.local.progress).toEqual(progress);
});

test('no inner step begins while the group waits for the outer step, and training goes on after it', async () => {
  const stepsSeen: number[] = [];
  let preparing = false;
  const disk = new Disk(() => {
    if (preparing) stepsSeen.push(rig.trainer.local.progress.step);
  });
  const rig = await start({ disk });
  await rig.openRound(0);
  await rig.rested(0);
  await rig.contribute(0);
  await leaveOwnAverage(root, 0, ROSTER);
  await rig.handlers.setActive({ active: false }, rig.signal);
  await rig.openRound(1);
  preparing = true;
  const prepared = rig.handlers.prepare({ round: 0, rosterDigest: ROSTER }, rig.signal);
  await rig.handlers.setActive({ active: true }, rig.signal);
  await prepared;
  preparing = false;
  expect(stepsSeen.length).toBeGreaterThan(4);
  expect(new Set(stepsSeen)).toEqual(new Set([STEPS]));
  expect(rig.did).toContainEqual({ kind: 'busy', work: 'preparing' });
  await rig.rested(1);
});

test('no check begins while the group waits for the outer step', async () => {
  let done = 0;
  const doneSeen: number[] = [];
  let preparing = false;
  const disk = new Disk(() => {
    if (preparing) doneSeen.push(done);
  });
  const rig = await start({ disk });
  await rig.openRound(0);
  await rig.rested(0);
  await rig.contribute(0);
  await leaveOwnAverage(root, 0, ROSTER);
  preparing = true;
  const prepared = rig.handlers.prepare({ round: 0, rosterDigest: ROSTER }, rig.signal);
  const asked = { round: 0, hotkey: ALICE, blockHash: BLOCK, microBatches: [0] };
  const checks = [
    rig.handlers.evaluate({ windows: 1 }, rig.signal),
    rig.handlers.recompute(asked, rig.signal),
  ].map(async (check) => {
    await check;
    done += 1;
  });
  await prepared;
  preparing = false;
  expect(doneSeen.length).toBeGreaterThan(4);
  expect(new Set(doneSeen)).toEqual(new Set([0]));
  await Promise.all(checks);
});

test('the loss of what is trained falls', async () => {
  const rig = await start();
  for (let round = 0; round < 8; round += 1) {
    await rig.openRound(round, hex('01'.repeat(32)));
    await rig.rested(round);
  }
  expect(rig.seen.at(-1)!.loss).toBeLessThan(rig.seen[0]!.loss - 0.5);
});

/** Lets the loop take exactly the first step of a round and returns what came before and after. */
async function firstStepOf(rig: Rig, round: number) {
  const before = await imageOf(rig);
  // The loop takes one step in each round of the event loop, and so does this.
  await rig.openRound(round);
  while (rig.trainer.local.progress.round?.innerSteps !== 1) await setImmediate();
  await rig.handlers.setActive({ active: false }, rig.signal);
  const after = await rig.trainer.turns.take(async () => await imageOf(rig));
  return { before, after };
}

test.each(['unknown', 'void'] as const)(
  "a round's first gradient is taken at the committed base with the local delta aside, after an outcome that is %s",
  async (outcome) => {
    const rig = await start();
    await rig.openRound(0);
    await rig.contribute(0);
    await rig.rested(0);
    await rig.settle(0, outcome);
    const base = await baseOf(rig.trainer.replica);
    expect(await parametersOf(rig.engine)).not.toEqual(base);
    const { before, after } = await firstStepOf(rig, 1);
    expect(after.progress.round!.innerSteps).toBe(1);

    // The same by hand on another engine.
    const other = await newEngine();
    await other.load(base);
    const { batches, seed } = await openingBatches(rig, 1);
    const { sketches } = await other.gradient(batches, { sketchSeed: seed });
    expect(after.progress.round!.sketches).toEqual(sketches);
    for (const vector of ['parameters', 'm', 'v'] as const) await other.write(vector, before[vector]);
    other.setSteps(before.optimizerStep);
    const { tokens } = after.progress;
    const lr = learningRate(consensus.inner, { tokens, sinceReset: before.progress.sinceReset });
    await other.optimizerStep({ ...consensus.inner, lr });
    expect(after.parameters).toEqual(await parametersOf(other));
    await other.dispose();
  },
);

test('after its contribution a round goes on in the next delta, and its record stays closed', async () => {
  const rig = await start();
  await rig.openRound(0);
  const { steps } = await rig.contribute(0);
  expect(steps).toBeLessThan(STEPS);
  const { replica } = rig.trainer;
  const frozen = await whole(replica.frozen!, replica.elements);
  await rig.rested(0);
  expect(rig.trainer.local.progress.step).toBe(STEPS);
  expect(rig.trainer.local.progress.round!.steps).toBe(steps);
  const since = await parametersOf(rig.engine);
  expect(since).not.toEqual(frozen);
  await rig.settle(0, 'unknown');
  const base = await baseOf(rig.trainer.replica);
  const local = await parametersOf(rig.engine);
  for (let i = 0; i < base.length; i += 97)
    expect(local[i]! - base[i]!).toBeCloseTo(since[i]! - frozen[i]!, 6);
});

test('the work record names the assigned pages in order, their digests and every sequence once', async () => {
  const rig = await start();
  await rig.openRound(0);
  await rig.rested(0);
  const answer = await rig.contribute(0);
  const work = await workOf(root, 0);
  expect(answer).toMatchObject({ steps: STEPS, sequences: STEPS * 4 });
  expect(work).toMatchObject({ round: 0, hotkey: rig.trainer.hotkey, steps: STEPS, sequences: STEPS * 4 });
  const { hotkey, profileHash } = rig.trainer;
  const of = { hotkey, profileHash, round: 0, blockHash: BLOCK };
  const assignment = assignmentOf(corpus, consensus.model.context, of);
  for (const [k, page] of work.pages.entries()) {
    const { index, sha256 } = await assignment.page(k, rig.signal);
    expect(page).toMatchObject({ index, sha256 });
  }
  // 24 sequences in pages of 5: four whole ones and the beginning of a fifth.
  expect(work.pages.map(({ sequences }) => sequences)).toEqual([5, 5, 5, 5, 4]);
  expect(PAGE_SEQUENCES).toBe(5);
});

test('opening the open round again changes nothing, and an older one is refused', async () => {
  const rig = await start();
  await rig.openRound(3);
  await rig.rested(3);
  const { progress } = rig.trainer.local;
  await rig.openRound(3);
  expect(rig.trainer.local.progress).toEqual(progress);
  await expect(rig.openRound(2)).rejects.toMatchObject({ code: 'NOT_NOW' });
});

test('stopping keeps weights, moments and record, and a new process goes on with them', async () => {
  const first = await start();
  await first.openRound(0);
  await first.rested(0);
  const image = await imageOf(first);
  await stop(first);
  const second = await start();
  expect(await imageOf(second)).toEqual(image);
  await second.openRound(0);
  expect((await second.contribute(0)).steps).toBe(STEPS);
});

test('the start-up benchmark leaves no trace in weights and moments', async () => {
  const rig = await start();
  expect(rig.facts.stepMs).toBeGreaterThan(0);
  const image = await imageOf(rig);
  expect(image.parameters).toEqual(await baseOf(rig.trainer.replica));
  expect(image.optimizerStep).toBe(0);
  expect(image.m.every((x) => x === 0)).toBe(true);
});

test('weights that give no finite gradient are given up for the base after ten steps, however many rounds they take', async () => {
  const rig = await start();
  await rig.handlers.setActive({ active: false }, rig.signal);
  await rig.openRound(0);
  await rig.engine.write('parameters', new Float32Array(rig.facts.parameters).fill(1e30));
  rig.trainer.local.progress = {
    ...rig.trainer.local.progress,
    round: { ...rig.trainer.local.progress.round!, innerSteps: 1 },
  };
  await rig.handlers.setActive({ active: true }, rig.signal);
  // Nothing is told of steps that were not taken.
  const done = () => rig.trainer.local.progress.round!.innerSteps === STEPS;
  while (!done()) await setImmediate();
  expect(rig.trainer.local.progress.round!.steps).toBe(0);
  expect((await parametersOf(rig.engine)).some((x) => Math.abs(x) > 1e20)).toBe(true);
  await rig.openRound(1);
  while (!done()) await setImmediate();
  await rig.trainer.turns.take(async () => {});
  // The first one was taken at the base.
  expect(rig.trainer.local.progress.round!.steps).toBe(1);
  expect((await parametersOf(rig.engine)).every((x) => Math.abs(x) < 10)).toBe(true);
});

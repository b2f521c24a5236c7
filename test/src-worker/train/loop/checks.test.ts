import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { compareSketches } from '../../../../src-shared/scoring/gradient.ts';
import { freeRiderLabour } from '../../../../src-worker/train/adversaries/free-rider.ts';
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
  parametersOf,
  type Rig,
  type RigOptions,
  STEPS,
  startRig,
  workOf,
} from './rig.ts';

beforeAll(buildKernels);

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

async function start(options: RigOptions = {}): Promise<Rig> {
  const root = await newRoot();
  roots.push(root);
  const rig = await startRig(root, options);
  running.push(rig);
  return rig;
}

const validator = () => start({ hotkey: BOB, trains: false, labour: noLabour });
const askFor = (rig: Rig, round: number, microBatches = [0, 1]) =>
  rig.handlers.recompute({ round, hotkey: ALICE, blockHash: BLOCK, microBatches }, rig.signal);

test("a validator recomputes a miner's sketches bit for bit", async () => {
  const miner = await start();
  const checker = await validator();
  await checker.openRound(0);
  await miner.openRound(0);
  await miner.rested(0);
  await miner.contribute(0);
  const { sketches } = await askFor(checker, 0);
  const work = await workOf(miner.root, 0);
  expect(work.sketches).toEqual(sketches);
  expect(compareSketches(work.sketches, sketches).score).toBe(1);
});

test('chosen micro-batches are recomputed in the order asked, and others are refused', async () => {
  const checker = await validator();
  const { sketches } = await askFor(checker, 0);
  expect((await askFor(checker, 0, [1])).sketches).toEqual([sketches[1]]);
  await expect(askFor(checker, 0, [2])).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
});

test("a round's first steps can be checked while the next is open, but not after two", async () => {
  const checker = await validator();
  await checker.openRound(0);
  const during = await askFor(checker, 0);
  await checker.settle(0, 'void');
  await checker.openRound(1);
  expect(await askFor(checker, 0)).toEqual(during);
  await checker.settle(1, 'void');
  await checker.openRound(2);
  await expect(askFor(checker, 0)).rejects.toMatchObject({ code: 'NOT_NOW' });
});

test('a miner on another base than the validator is seen', async () => {
  const miner = await start();
  const checker = await validator();
  miner.trainer.replica.base = inMemory((await baseOf(miner.trainer.replica)).map((x) => x * 3));
  await miner.openRound(0);
  await miner.rested(0);
  await miner.contribute(0);
  const { sketches } = await askFor(checker, 0);
  expect(compareSketches((await workOf(miner.root, 0)).sketches, sketches).score).toBe(0);
});

test('checks in the midst of training change neither weights nor moments', async () => {
  const plain = await start();
  const asked = await start();
  for (const rig of [plain, asked]) await rig.openRound(0);
  for (let i = 0; i < 4; i += 1) {
    await asked.handlers.evaluate({ windows: 6 }, asked.signal);
    await askFor(asked, 0);
  }
  for (const rig of [plain, asked]) await rig.rested(0);
  expect(await imageOf(asked)).toEqual(await imageOf(plain));
});

test("evaluation is the base's mean loss on windows at even distances, whatever the local weights", async () => {
  const rig = await start();
  const { context } = consensus.model;
  const found = await rig.handlers.evaluate({ windows: 6 }, rig.signal);
  const engine = await newEngine();
  await engine.load(await baseOf(rig.trainer.replica));
  let sum = 0;
  for (let i = 0; i < 6; i += 1) {
    const [loss] = await engine.losses([sliceBatch(corpus.heldOut, context, i * Math.floor(40 / 6), 1)]);
    sum += loss!;
  }
  await engine.dispose();
  expect(found.tokens).toBe(6 * context);
  expect(found.loss).toBeCloseTo(sum / 6, 5);
  await rig.openRound(0);
  await rig.rested(0);
  expect(await rig.handlers.evaluate({ windows: 6 }, rig.signal)).toEqual(found);
});

test('more windows than there are mean all of them', async () => {
  const rig = await validator();
  const { tokens } = await rig.handlers.evaluate({ windows: 1e9 }, rig.signal);
  expect(tokens).toBe(40 * consensus.model.context);
});

test('a validator takes no inner steps and offers nothing', async () => {
  const rig = await validator();
  await rig.openRound(0);
  expect(rig.facts.stepMs).toBeNull();
  expect(await rig.contribute(0)).toMatchObject({ norm: 0, steps: 0, sequences: 0 });
  expect(await parametersOf(rig.engine)).toEqual(await baseOf(rig.trainer.replica));
});

test('a free rider claims a full round of its pages, and the comparison of sketches finds it', async () => {
  const rider = await start({ labour: freeRiderLabour });
  const honest = await start();
  const checker = await validator();
  for (const rig of [rider, honest]) await rig.openRound(0);
  await honest.rested(0);
  const claimed = await rider.contribute(0, 0.25);
  await honest.contribute(0);
  const [lies, work] = [await workOf(rider.root, 0), await workOf(honest.root, 0)];
  expect(lies.pages).toEqual(work.pages);
  expect(claimed).toMatchObject({ steps: STEPS, sequences: work.sequences });
  expect(claimed.norm).toBeCloseTo(0.25, 3);
  const { sketches } = await askFor(checker, 0);
  expect(compareSketches(lies.sketches, sketches)).toMatchObject({ score: 0 });
});

test('a free rider offers new noise of the same norm in every round', async () => {
  const rider = await start({ labour: freeRiderLabour });
  await rider.openRound(0);
  const first = await rider.contribute(0, 0.25);
  await rider.settle(0, 'unknown');
  await rider.openRound(1);
  const second = await rider.contribute(1, 0.25);
  expect(second.root).not.toBe(first.root);
  expect(second.norm).toBeCloseTo(0.25, 3);
});

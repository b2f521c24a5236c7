import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import { createCpuEngine } from '../../../../src-worker/train/engine/cpu/create.ts';
import { SLICE_ELEMENTS } from '../../../../src-worker/train/limits.ts';
import { EngineLocal } from '../../../../src-worker/train/loop/engine-local.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { agreedWeights } from '../../../../src-worker/train/state/agreed-weights.ts';
import { contribute } from '../../../../src-worker/train/state/contribute.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { keepLocal } from '../../../../src-worker/train/state/keep.ts';
import { openReplica } from '../../../../src-worker/train/state/open.ts';
import { prepare } from '../../../../src-worker/train/state/prepare.ts';
import { noProgress } from '../../../../src-worker/train/state/progress.ts';
import type { Replica } from '../../../../src-worker/train/state/replica.ts';
import { settle } from '../../../../src-worker/train/state/settle.ts';
import { freshImage } from '../../../../src-worker/train/state/snapshot.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { baseOf } from './held.ts';
import { dropRoot, HOTKEY, leaveAverageOf, consensus as light, newRoot, ROSTER, record } from './rig.ts';

/** 3.2 million parameters: six slices and a bit. */
const consensus = {
  ...light,
  model: { layers: 1, width: 256, heads: 4, context: 8, vocab: 9_000 },
  initialWeights: { ...light.initialWeights, digest: null },
  codec: { ...light.codec, chunkElements: 65_536, pieceBytes: 1_048_576 },
};

beforeAll(buildKernels);

let root: string;
let goes: number[];
let slices: Slices;
let replica: Replica;
let engine: Awaited<ReturnType<typeof createCpuEngine>>;
let elements: number;
beforeEach(async () => {
  root = await newRoot();
  goes = [];
  slices = new Slices((worked) => goes.push(worked));
  engine = await createCpuEngine(consensus.model, { maxSequences: 1, threads: 1, slices });
  elements = parameterCount(consensus.model);
  const local = new EngineLocal(engine, { trains: true });
  ({ replica } = await openReplica({
    stateDir: join(root, 'state'),
    spoolDir: join(root, 'spool'),
    profileHash: profileHash(consensus),
    hotkey: HOTKEY,
    initialWeights: () => agreedWeights(consensus, slices),
    disk: new Disk(),
    ...{ consensus, elements, local, slices },
  }));
  await engine.load(await baseOf(replica));
  goes.length = 0;
});
afterEach(async () => {
  await engine.dispose();
  await dropRoot(root);
});

/** How often `work` passes over the whole vector, counted in elements that it worked on between turns of the loop. */
async function passesOf(work: () => Promise<unknown>): Promise<number> {
  goes.length = 0;
  await work();
  for (const worked of goes)
    expect(worked).toBeLessThanOrEqual(SLICE_ELEMENTS + consensus.codec.chunkElements);
  // What does not fill a slice waits for the next one.
  return (goes.reduce((sum, worked) => sum + worked, 0) + SLICE_ELEMENTS) / elements;
}

/** Lets the local replica differ from its base. */
const learn = async () =>
  engine.write(
    'parameters',
    (await baseOf(replica)).map((weight) => weight + 1e-3),
  );

test('the initial weights come in slices', async () => {
  expect(await passesOf(() => agreedWeights(consensus, slices))).toBeGreaterThanOrEqual(1);
});

test('a snapshot reads weights and both moments in slices', async () => {
  expect(await passesOf(() => keepLocal(replica))).toBeGreaterThanOrEqual(3);
});

test('a contribution looks at the offer, copies and encodes in slices', async () => {
  await learn();
  const asked = { round: 0, codec: 'fp16', medianNorm: null } as const;
  expect(await passesOf(() => contribute(replica, asked, record(0)))).toBeGreaterThanOrEqual(5);
});

test('preparing and settling step, digest, owe and move in slices', async () => {
  await learn();
  await contribute(replica, { round: 0, codec: 'fp16', medianNorm: null }, record(0));
  await leaveAverageOf(root, 0, { elements, chunkElements: consensus.codec.chunkElements });
  let resultId: Awaited<ReturnType<typeof prepare>>['resultId'] | null = null;
  const preparing = async () => {
    ({ resultId } = await prepare(replica, { round: 0, rosterDigest: ROSTER }));
  };
  // The outer step, once.
  expect(await passesOf(preparing)).toBeGreaterThanOrEqual(1);
  const settled = { round: 0, outcome: 'committed', drawn: true, medianNorm: 1e-9 } as const;
  // What is owed: offer, what was taken, norm, cap; the local side: read, rebased, written.
  expect(await passesOf(() => settle(replica, { ...settled, resultId }))).toBeGreaterThanOrEqual(7);
  expect(replica.residue).not.toBeNull();
});

test('the base is copied beside the weights in slices, and once', async () => {
  const batch = { ids: new Uint16Array(8), targets: new Uint16Array(8) };
  const first = () => engine.atBase(replica.base, () => engine.losses([batch]));
  expect(await passesOf(first)).toBeGreaterThanOrEqual(1);
  expect(await passesOf(first)).toBeLessThan(1);
});

test('restoring a snapshot fills the engine in slices', async () => {
  const image = freshImage(replica.base, elements, { progress: noProgress });
  const restored = new EngineLocal(engine, { trains: true });
  expect(await passesOf(() => restored.restore(image))).toBeGreaterThanOrEqual(3);
});

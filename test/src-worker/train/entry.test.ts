import { readdir, readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as v from 'valibot';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { checkedValue } from '../../../src-node/durable-json.ts';
import type { InitOf } from '../../../src-shared/contract/child.ts';
import { onProcessor, type TrainContract } from '../../../src-shared/contract/train.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { ENGINE_PRIORITY } from '../../../src-worker/train/limits.ts';
import { Slices } from '../../../src-worker/train/slices.ts';
import { type Current, currentSchema } from '../../../src-worker/train/state/current.ts';
import { Disk } from '../../../src-worker/train/state/disk.ts';
import { openReplica } from '../../../src-worker/train/state/open.ts';
import { buildKernels } from '../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { ALICE, BLOCK, BOB } from './loop/rig.ts';
import { TrainProcess } from './process.ts';
import { held, whole } from './state/held.ts';
import { dropRoot, newRoot, VectorLocal } from './state/rig.ts';

const STEPS = 8;
const practice = practiceProfile({
  witness: BOB,
  ownerColdkey: BOB,
  endpoint: 'ws://127.0.0.1:1',
  bootstrap: [],
});
const consensus: Consensus = {
  ...practice.consensus,
  model: { ...practice.consensus.model, layers: 1, width: 16, heads: 2 },
  // The profile's digest is that of its own, larger model.
  initialWeights: { ...practice.consensus.initialWeights, digest: null },
  inner: { ...practice.consensus.inner, maxStepsPerRound: STEPS },
};

let corpusDir: string;
let root: string;
const processes: TrainProcess[] = [];
beforeAll(async () => {
  corpusDir = packCorpus();
  await buildKernels();
});
beforeEach(async () => {
  root = await newRoot();
});
afterEach(async () => {
  for (const child of processes.splice(0)) await child.kill('SIGKILL');
  await dropRoot(root);
});

const init = (): InitOf<TrainContract> => ({
  stateDir: join(root, 'state'),
  spoolDir: join(root, 'spool'),
  corpusDir,
  consensus,
  profileHash: profileHash(consensus),
  hotkey: ALICE,
  trains: true,
  engine: onProcessor(1),
  freeBytes: null,
  lostInUse: null,
  adversary: null,
});

async function start(changed: Partial<InitOf<TrainContract>> = {}) {
  const child = new TrainProcess();
  processes.push(child);
  return { child, ready: await child.start({ ...init(), ...changed }) };
}

const lastStep = (round: number) => (event: { round: number | null; innerStep: number }) =>
  event.round === round && event.innerStep === STEPS;

test('a process killed with -9 comes back with the snapshot that its contribution was made from', async () => {
  const { child, ready } = await start();
  expect(ready.parameters).toBe(parameterCount(consensus.model));
  expect(ready.standing.round).toBe(-1);
  expect(ready.unigramEntropy).toBeCloseTo(6.8, 1);
  const rested = child.step(lastStep(0));
  await child.call('openRound', { round: 0, blockHash: BLOCK });
  const { step } = await rested;
  expect(step).toBe(STEPS);
  const contributed = await child.call('contribute', { round: 0, codec: 'fp16', medianNorm: null });
  await child.kill('SIGKILL');

  const { replica, image } = await openReplica({
    ...init(),
    elements: ready.parameters,
    initialWeights: async () => new Float32Array(ready.parameters),
    slices: new Slices(),
    local: new VectorLocal(),
    disk: new Disk(),
  });
  const { parameters } = await held(image!, ready.parameters);
  expect(parameters).toEqual(await whole(replica.frozen!, ready.parameters));
  expect(image!.optimizerStep).toBe(STEPS);
  expect(image!.progress).toMatchObject({ step: STEPS, round: { round: 0, isClosed: true, steps: STEPS } });

  const second = await start();
  expect(second.ready.standing).toEqual(ready.standing);
  expect(await second.child.call('contribute', { round: 0, codec: 'fp16', medianNorm: null })).toEqual(
    contributed,
  );
  const resumed = second.child.step(lastStep(1));
  await second.child.call('openRound', { round: 1, blockHash: BLOCK });
  expect((await resumed).step).toBe(2 * STEPS);
});

test('a process killed with -9 in the middle of a round goes on with that round', async () => {
  const { child } = await start();
  const stepped = child.step(({ innerStep }) => innerStep >= 2);
  await child.call('openRound', { round: 0, blockHash: BLOCK });
  await stepped;
  await currentOf(({ local }) => local !== null);
  await child.kill('SIGKILL');

  const second = await start();
  const rested = second.child.step(lastStep(0));
  await second.child.call('openRound', { round: 0, blockHash: BLOCK });
  expect((await rested).step).toBe(STEPS);
  const made = await second.child.call('contribute', { round: 0, codec: 'fp16', medianNorm: null });
  expect(made.steps).toBe(STEPS);
});

/** Waits until CURRENT says so; the limit is the test's own. */
async function currentOf(holds: (current: Current) => boolean): Promise<void> {
  const path = join(root, 'state', 'CURRENT');
  for (;;) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const parsed = v.safeParse(currentSchema, checkedValue(text)?.value);
    if (parsed.success && holds(parsed.output)) return;
    await setTimeout(10);
  }
}

test('a process that is told to stop keeps everything up to its last step', async () => {
  const { child, ready } = await start();
  const rested = child.step(lastStep(0));
  await child.call('openRound', { round: 0, blockHash: BLOCK });
  await rested;
  await child.kill('SIGTERM');
  const { image } = await openReplica({
    ...init(),
    elements: ready.parameters,
    initialWeights: async () => new Float32Array(ready.parameters),
    slices: new Slices(),
    local: new VectorLocal(),
    disk: new Disk(),
  });
  expect(image!.progress.step).toBe(STEPS);
});

test('held-out text costs the untrained model the logarithm of its vocabulary', async () => {
  const { child } = await start();
  const { loss, tokens } = await child.call('evaluate', { windows: 16 });
  expect(loss).toBeCloseTo(Math.log(4096), 1);
  expect(tokens).toBe(16 * 64);
});

test('a call that does not fit the contract is refused and the process lives on', async () => {
  const { child } = await start();
  await expect(child.call('openRound', { round: -1, blockHash: BLOCK })).rejects.toMatchObject({
    code: 'RPC_MALFORMED',
  });
  await child.call('setActive', { active: true });
});

/** Threads of a process that yield to others: on Linux the pool's alone. Their niceness is the 19th field. */
async function yieldingThreads(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const stats = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/stat`, 'utf8')));
  // The name stands in brackets and may hold spaces.
  const niceness = stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
  return niceness.filter((nice) => nice === ENGINE_PRIORITY).length;
}

test('the processor trains with as many threads as were chosen', async () => {
  const { ready } = await start({ engine: onProcessor(3) });
  expect(ready.engine).toMatch(/^processor, 3 threads/);
});

// Where these tests themselves were told to yield, so does all that they start, and nothing tells the pool's threads apart.
test.runIf(process.platform === 'linux' && getPriority() < ENGINE_PRIORITY)(
  'the threads that were chosen yield to people, and no others',
  async () => {
    const { child } = await start({ engine: onProcessor(3) });
    expect(await yieldingThreads(child.pid)).toBe(3);
  },
);

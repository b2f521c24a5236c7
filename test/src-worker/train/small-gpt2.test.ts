import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { smallGpt2 } from '../../../bench/data/small-gpt2.ts';
import { shardFiles } from '../../../bench/data/words.ts';
import { onProcessor } from '../../../src-shared/contract/train.ts';
import { unpinnedParts } from '../../../src-shared/profile/pinned.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { hex } from '../../../src-shared/units.ts';
import { pinDataset } from '../../../src-worker/train/interchange/pin.ts';
import { Origin } from '../../../src-worker/train/pages/hub/origin.ts';
import { Slices } from '../../../src-worker/train/slices.ts';
import { drawnWeightsDigest } from '../../../src-worker/train/state/agreed-weights.ts';
import { buildKernels } from '../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { type DatasetHub, startDatasetHub } from '../../fakes/hub/data-sets.ts';
import { ALICE, BLOCK, BOB } from './loop/rig.ts';
import { TrainProcess } from './process.ts';
import { dropRoot, newRoot } from './state/rig.ts';

const STEPS = 12;
const { signal } = new AbortController();

let corpusDir: string;
let hub: DatasetHub;
let root: string;
let pinned: Consensus;
let child: TrainProcess | null = null;

beforeAll(async () => {
  corpusDir = packCorpus();
  await buildKernels();
  root = await newRoot();
  hub = await startDatasetHub({ files: shardFiles({ shards: 2, rowGroups: 2, rows: 20 }) });
  pinned = await pin();
});
afterEach(async () => {
  await child?.kill('SIGKILL');
  child = null;
});
afterAll(async () => {
  await hub.close();
  await dropRoot(root);
});

/** The draft of a run whose text is on the Hub, with what `run pin` fixes of it. */
async function pin(): Promise<Consensus> {
  const at = { witness: BOB, ownerColdkey: BOB, genesis: hex('0e'.repeat(32)), endpoint: 'ws://127.0.0.1:1' };
  const { consensus } = smallGpt2(practiceProfile({ ...at, bootstrap: [] }), hub.id);
  const { chain } = practiceProfile({ ...at, bootstrap: [] }).consensus;
  const ground = { corpusDir, textFolder: null, hubUrl: hub.hubUrl };
  const origin = new Origin({ told: () => undefined });
  const dataset = await pinDataset(consensus.dataset, { ...ground, origin }, signal);
  const { seed } = consensus.initialWeights;
  const digest = await drawnWeightsDigest(consensus.model, seed, new Slices());
  return {
    ...{ ...consensus, chain, dataset, initialWeights: { seed, digest } },
    inner: { ...consensus.inner, maxStepsPerRound: STEPS, warmupTokens: 0 },
  };
}

async function start(consensus: Consensus) {
  child = new TrainProcess();
  const place = (name: string) => join(root, consensus.name, name);
  const ready = await child.start({
    ...{ stateDir: place('state'), spoolDir: place('spool'), corpusDir, consensus },
    ...{ profileHash: profileHash(consensus), engine: onProcessor(1), freeBytes: null, lostInUse: null },
    ...{ adversary: null, trains: true, hotkey: ALICE },
    text: { dir: place('text'), quotaBytes: 1e9, hubUrl: hub.hubUrl, folder: null },
  });
  return { child, ready };
}

test('a GPT-2 in little is pinned whole, and its miner learns on tokens of all of its vocabulary', async () => {
  expect(unpinnedParts(pinned)).toEqual([]);
  const { child, ready } = await start(pinned);
  expect(ready.manifest).toBe(pinned.dataset.manifest);
  const losses: number[] = [];
  const rested = child.step(({ innerStep, loss }) => {
    losses.push(loss);
    return innerStep === STEPS;
  });
  await child.call('openRound', { round: 0, blockHash: BLOCK });
  await rested;
  const made = await child.call('contribute', { round: 0, codec: 'fp16', medianNorm: null });
  expect(made.steps).toBe(STEPS);
  // One that knows nothing says as much of each of 50,257 tokens, and the padding beside them.
  expect(Math.abs(losses[0]! - Math.log(50_304))).toBeLessThan(0.5);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
});

test('weights that come to another digest than the pinned one are not begun with', async () => {
  const other = { ...pinned, name: 'other', initialWeights: { ...pinned.initialWeights, seed: 'another' } };
  await expect(start(other)).rejects.toThrow(/PROFILE_INVALID/);
});

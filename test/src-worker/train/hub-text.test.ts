import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { InitOf } from '../../../src-shared/contract/child.ts';
import { onProcessor, type TrainContract } from '../../../src-shared/contract/train.ts';
import { drawnPage, drawnShard, drawPair, pageSeed } from '../../../src-shared/pages.ts';
import { profileHash } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { spoolFiles, spoolFolder, workRecordSchema } from '../../../src-shared/spool.ts';
import { hubManifest } from '../../../src-shared/text-manifest.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';
import { buildKernels } from '../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { type DatasetHub, startDatasetHub } from '../../fakes/hub/data-sets.ts';
import { ALICE, BLOCK, BOB } from './loop/rig.ts';
import { fixture } from './pages/parquet/fixtures.ts';
import { TrainProcess } from './process.ts';
import { dropRoot, newRoot } from './state/rig.ts';

const STEPS = 8;
/** Of two sequences a step; the smallest page of the shards holds four. */
const PAGES_READ = 4;
/** Row groups of each shard. */
const SHARDS = { snappy: 3, 'v2-dictionary': 3, 'delta-bytes': 3 };

let corpusDir: string;
let hub: DatasetHub;
let root: string;
let consensus: Consensus;
const processes: TrainProcess[] = [];

beforeAll(async () => {
  corpusDir = packCorpus();
  await buildKernels();
});

beforeEach(async () => {
  root = await newRoot();
  hub = await startDatasetHub({
    files: Object.fromEntries(Object.keys(SHARDS).map((name, i) => [`s/${i}.parquet`, fixture(name)])),
  });
  const practice = practiceProfile({
    witness: BOB,
    ownerColdkey: BOB,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  });
  const manifest = hubManifest({ id: hub.id, commit: hub.commit, shards: hub.shards() });
  consensus = {
    ...practice.consensus,
    model: { ...practice.consensus.model, layers: 1, width: 16, heads: 2 },
    initialWeights: { ...practice.consensus.initialWeights, digest: null },
    inner: { ...practice.consensus.inner, maxStepsPerRound: STEPS },
    dataset: { kind: 'hub', id: hub.id, revision: hub.commit, path: 's', column: 'text', manifest },
  };
});

afterEach(async () => {
  for (const child of processes.splice(0)) await child.kill('SIGKILL');
  await hub.close();
  await dropRoot(root);
});

async function start(who: 'miner' | 'validator') {
  const child = new TrainProcess();
  processes.push(child);
  const init: InitOf<TrainContract> = {
    ...{ stateDir: join(root, who, 'state'), spoolDir: join(root, who, 'spool'), corpusDir, consensus },
    ...{ profileHash: profileHash(consensus), engine: onProcessor(1), freeBytes: null, lostInUse: null },
    ...{ adversary: null, trains: who === 'miner', hotkey: who === 'miner' ? ALICE : BOB },
    text: { dir: join(root, who, 'text'), quotaBytes: 1e9, hubUrl: hub.hubUrl, folder: null },
  };
  return { child, ready: await child.start(init) };
}

const recordOf = async (round: number) =>
  v.parse(
    workRecordSchema,
    JSON.parse(await readFile(join(root, 'miner', 'spool', spoolFolder(round), spoolFiles.work), 'utf8')),
  );

/**
 * A block whose draws name every page but once, as far as this round reads: of nine pages chance often draws one twice,
 * and that one's sequences count once.
 */
function blockOfDistinctDraws(manifestHash: Hex) {
  const rowGroups = Object.values(SHARDS);
  const drawsOf = (blockHash: Hex) => {
    const seed = pageSeed({
      ...{ manifestHash, profileHash: profileHash(consensus), hotkey: ALICE },
      ...{ round: 0, window: 0, blockHash, purpose: { kind: 'assigned' } },
    });
    return Array.from({ length: PAGES_READ }, (_, k) => {
      const pair = drawPair(seed, k);
      const shard = drawnShard(pair, rowGroups.length);
      return drawnPage(pair, shard, rowGroups[shard]!);
    });
  };
  const blocks = Array.from({ length: 256 }, (_, i) => hex(i.toString(16).padStart(64, '0')));
  const blockHash = blocks.find((block) => new Set(drawsOf(block)).size === PAGES_READ);
  if (!blockHash) throw new Error('no block draws distinct pages');
  return { blockHash, drawn: drawsOf(blockHash) };
}

test('a miner trains on text of the Hub, and a validator finds the same by itself', async () => {
  const { child, ready } = await start('miner');
  const { blockHash, drawn } = blockOfDistinctDraws(ready.manifest);
  const rested = child.step(({ innerStep }) => innerStep === STEPS);
  await child.call('openRound', { round: 0, blockHash });
  await rested;
  const made = await child.call('contribute', { round: 0, codec: 'fp16', medianNorm: null });
  expect(made).toMatchObject({ steps: STEPS, sequences: 2 * STEPS });

  const record = await recordOf(0);
  expect(record.pages.map(({ index }) => index)).toEqual(drawn.slice(0, record.pages.length));

  const validator = await start('validator');
  const asked = { round: 0, hotkey: ALICE, blockHash, microBatches: [0, 1] };
  const { sketches } = await validator.child.call('recompute', asked);
  expect(sketches).toEqual(record.sketches);
});

test('one killed with -9 has the text of its round again while the Hub is gone', async () => {
  const { child } = await start('miner');
  const rested = child.step(({ innerStep }) => innerStep === STEPS);
  await child.call('openRound', { round: 0, blockHash: BLOCK });
  await rested;
  await child.call('contribute', { round: 0, codec: 'fp16', medianNorm: null });
  const claimed = await recordOf(0);
  await child.kill('SIGKILL');
  hub.setFault(() => ({ kind: 'status', status: 503 }));
  const asked = hub.requests.length;

  const second = await start('miner');
  const own = { round: 0, hotkey: ALICE, blockHash: BLOCK, microBatches: [0, 1] };
  const { sketches } = await second.child.call('recompute', own);
  expect(sketches).toEqual(claimed.sketches);
  expect(claimed.pages).not.toEqual([]);
  expect(hub.requests.slice(asked).filter(({ part }) => part === 'api')).toEqual([]);
});

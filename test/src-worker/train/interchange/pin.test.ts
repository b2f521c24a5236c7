import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { corpusDir } from '../../../../src-main/entry-path.ts';
import { sha256Hex } from '../../../../src-node/sha256.ts';
import { initialWeights, weightsDigest } from '../../../../src-shared/model/initial-weights.ts';
import { shippedConsensus } from '../../../../src-shared/profile/shipped.ts';
import { filesManifest, hubManifest } from '../../../../src-shared/text-manifest.ts';
import { hex } from '../../../../src-shared/units.ts';
import { pinDataset } from '../../../../src-worker/train/interchange/pin.ts';
import { Origin } from '../../../../src-worker/train/pages/hub/origin.ts';
import { Slices } from '../../../../src-worker/train/slices.ts';
import { drawnWeightsDigest } from '../../../../src-worker/train/state/agreed-weights.ts';
import { packCorpus } from '../../../../tools/tasks/pack-corpus.ts';
import { type DatasetHub, startDatasetHub } from '../../../fakes/hub/data-sets.ts';

/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(30_000);
});
const [practice] = shippedConsensus();
if (!practice) throw new Error('the practice ships');

let hub: DatasetHub | null = null;
afterEach(async () => {
  await hub?.close();
  hub = null;
});
const ground = () => ({
  corpusDir: corpusDir(),
  textFolder: null,
  hubUrl: hub?.hubUrl ?? 'http://127.0.0.1:9',
  origin: new Origin({ told: () => undefined }),
});

describe('a data set that is pinned', () => {
  beforeAll(packCorpus);

  it('is the text that comes with Butterfly by the manifest that the practice names', async () => {
    const unpinned = { kind: 'embedded', manifest: null, pageSequences: 64 } as const;
    expect(await pinDataset(unpinned, ground(), signal)).toEqual({ ...practice.dataset, kind: 'embedded' });
  });

  it('is a data set of the Hub at the commit that its branch is now, by the list of its files', async () => {
    const files = { 'sample/1.parquet': new Uint8Array(9), 'sample/0.parquet': new Uint8Array(7) };
    hub = await startDatasetHub({ files: { ...files, 'other/2.parquet': new Uint8Array(5) } });
    const { id, commit } = hub;
    const branch = {
      kind: 'hub',
      id,
      revision: 'main',
      path: 'sample',
      column: 'text',
      manifest: null,
    } as const;
    const shards = [
      { path: 'sample/0.parquet', sizeBytes: 7 },
      { path: 'sample/1.parquet', sizeBytes: 9 },
    ];
    expect(await pinDataset(branch, ground(), signal)).toEqual({
      ...branch,
      revision: commit,
      manifest: hubManifest({ id, commit, shards }),
    });
  });

  it('is files of a team by their names and their content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'butterfly-pin-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'b.txt'), 'two');
    await writeFile(join(folder, 'a.txt'), 'one');
    const team = { kind: 'files', name: 'ours', column: 'text', manifest: null } as const;
    const files = ['one', 'two'].map((text, i) => ({
      ...{ name: `${'ab'[i]}.txt`, sizeBytes: 3 },
      sha256: hex(sha256Hex(text)),
    }));
    expect(await pinDataset(team, { ...ground(), textFolder: folder }, signal)).toEqual({
      ...team,
      manifest: filesManifest(files),
    });
    await expect(pinDataset(team, ground(), signal)).rejects.toMatchObject({ code: 'TEXT_FOLDER_NEEDED' });
  });
});

it('the digest of first weights is that of the weights that the seed gives', async () => {
  const { model, initialWeights: named } = practice;
  expect(await drawnWeightsDigest(model, named.seed, new Slices())).toBe(named.digest);
  const small = { ...model, layers: 1, width: 16, heads: 2 };
  expect(await drawnWeightsDigest(small, 'x', new Slices())).toBe(weightsDigest(initialWeights(small, 'x')));
});

import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { corpusDir, entryPath } from '../../src-main/entry-path.ts';
import { superviseChild } from '../../src-main/supervisor/supervise.ts';
import { onProcessor, trainContract } from '../../src-shared/contract/train.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import {
  type AverageManifest,
  contributionManifestSchema,
  spoolFiles,
  spoolFolder,
} from '../../src-shared/spool.ts';
import { type Hex, ss58 } from '../../src-shared/units.ts';
import { fakeTrain, sha } from '../fakes/fake-train.ts';
import { trainContractSuite } from './train-contract.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const practice = practiceProfile({
  witness: hotkey,
  ownerColdkey: hotkey,
  endpoint: 'ws://127.0.0.1:1',
  bootstrap: [],
}).consensus;
/** The practice model, small enough that a round of it takes a moment. */
const consensus: Consensus = {
  ...practice,
  model: { ...practice.model, layers: 1, width: 16, heads: 2 },
  // The profile's digest is that of its own, larger model.
  initialWeights: { ...practice.initialWeights, digest: null },
  inner: { ...practice.inner, maxStepsPerRound: 4 },
};

trainContractSuite('without a model', async () => {
  const child = fakeTrain({ hotkey, consensus, profileHash: profileHash(consensus) });
  return {
    child,
    consensus,
    hotkey,
    work: async (round) => child.work(round) ?? new Uint8Array(0),
    async leaveAverage(round, rosterDigest) {
      child.average = { round, rosterDigest, digest: sha('average', round) };
    },
    stop: () => child.stop(),
  };
});

trainContractSuite('as a process', async () => {
  const root = await mkdtemp(join(tmpdir(), 'butterfly-train-'));
  const spoolDir = join(root, 'spool');
  const said: string[] = [];
  const supervised = superviseChild({
    extraEnv: {},
    contract: trainContract,
    name: 'train',
    entry: entryPath('train'),
    init: () => ({
      stateDir: join(root, 'state'),
      spoolDir,
      corpusDir: corpusDir(),
      consensus,
      profileHash: profileHash(consensus),
      hotkey,
      trains: true,
      engine: onProcessor(1),
      freeBytes: null,
      lostInUse: null,
      adversary: null,
    }),
    limits: { failures: 1 },
    log: (line) => said.push(line),
  });
  const child = await supervised.whenReady(AbortSignal.timeout(30_000)).catch((thrown: unknown) => {
    throw new Error(said.join('\n'), { cause: thrown });
  });
  return {
    child,
    consensus,
    hotkey,
    work: async (round) =>
      new Uint8Array(await readFile(join(spoolDir, spoolFolder(round), spoolFiles.work))),
    leaveAverage: (round, rosterDigest) =>
      leaveAverage(join(spoolDir, spoolFolder(round)), round, rosterDigest),
    async stop() {
      await supervised.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
});

/** The average of one member alone is its contribution, chunk by chunk: both are fp16 of the same scale. */
async function leaveAverage(folder: string, round: number, rosterDigest: Hex): Promise<void> {
  const text = await readFile(join(folder, spoolFiles.contributionManifest), 'utf8');
  const { elements, chunkElements, leaves } = v.parse(contributionManifestSchema, JSON.parse(text));
  const bytes = await readFile(join(folder, spoolFiles.contribution));
  const contributors = '1'.padStart(16, '0');
  const chunks = leaves.map((digest) => ({ reducer: 0, contributors, divisor: 1, digest }));
  const first = createHash('sha256')
    .update(bytes.subarray(0, 2 * chunkElements))
    .digest('hex');
  if (first !== leaves[0]) throw new Error('a leaf is the digest of its chunk');
  const manifest: AverageManifest = { round, rosterDigest, self: 0, elements, chunkElements, chunks };
  await copyFile(join(folder, spoolFiles.contribution), join(folder, spoolFiles.average));
  await writeFile(join(folder, spoolFiles.averageManifest), JSON.stringify(manifest));
}

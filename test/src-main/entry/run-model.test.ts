import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { ModelOptions } from '../../../src-main/commands/model.ts';
import { runFolder } from '../../../src-main/data-folder.ts';
import { modelAtTerminal } from '../../../src-main/entry/run-model.ts';
import { type KeptRun, keptRunsFile } from '../../../src-main/runs/kept-runs.ts';
import { stateDirOf } from '../../../src-main/runs/start-train.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { profileHash, runTagOf } from '../../../src-shared/profile/profile.ts';
import type { Profile } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import { Slices } from '../../../src-worker/train/slices.ts';
import { Disk } from '../../../src-worker/train/state/disk.ts';
import { openReplica } from '../../../src-worker/train/state/open.ts';
import { buildKernels } from '../../../tools/tasks/build-kernels.ts';
import { packCorpus } from '../../../tools/tasks/pack-corpus.ts';
import { VectorLocal } from '../../src-worker/train/state/rig.ts';

const mine = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const joined = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const practice = practiceProfile({ witness: mine, ownerColdkey: mine, endpoint: 'ws://x', bootstrap: [] });
const { consensus } = practice;
const other: Profile = {
  ...practice,
  consensus: { ...consensus, name: 'another', model: { ...consensus.model, layers: 1, width: 16 } },
};
const genesisHash = hex('ab'.repeat(32));
const { signal } = new AbortController();

let root: string;
let dataDir: string;
let printed = '';
const said = (options: Partial<ModelOptions>): ModelOptions => ({
  ...{ export: null, which: null, import: null, begin: null, seed: null, run: null, dataDir },
  ...options,
});

async function leaveState(folder: string, profile: Profile, hotkey: string): Promise<void> {
  const elements = parameterCount(profile.consensus.model);
  await openReplica({
    ...{ stateDir: stateDirOf(folder), spoolDir: join(root, 'spool'), consensus: profile.consensus, hotkey },
    ...{ profileHash: profileHash(profile.consensus), elements },
    initialWeights: async () => new Float32Array(elements).fill(0.25),
    ...{ local: new VectorLocal(), disk: new Disk(), slices: new Slices() },
  });
}

function kept(id: typeof mine, profile: Profile, origin: KeptRun['origin'], startedAtMs: number): KeptRun {
  const { name, chain } = profile.consensus;
  const facts = {
    profile: name,
    profileHash: profileHash(profile.consensus),
    netuid: chain.netuid,
    startedAtMs,
  };
  const shown = { role: 'miner', mark: null, network: 'x', controls: [] } as const;
  return { id, origin, stoppedAtMs: 1, pause: null, facts: { ...facts, ...shown, controls: [] } };
}

beforeAll(async () => {
  await buildKernels();
  packCorpus();
  root = await mkdtemp(join(tmpdir(), 'butterfly-run-model-'));
  dataDir = join(root, 'data');
  await leaveState(join(dataDir, 'practice', 'miner'), practice, mine);
  const runTag = runTagOf(profileHash(other.consensus));
  await leaveState(await runFolder(dataDir, { hotkey: joined, runTag, genesisHash }), other, joined);
  const origin: KeptRun['origin'] = {
    ...{ kind: 'joined', networkName: 'x', genesisHash, endpoints: ['ws://x'], profile: other },
    ...{ role: 'miner', keysDir: '/nowhere', bootstrap: [], listen: null },
  };
  await keptRunsFile(dataDir, () => {}).write([
    kept(mine, practice, { kind: 'practice' }, 1),
    kept(joined, other, origin, 2),
  ]);
});
afterAll(() => rm(root, { recursive: true, force: true }));
afterEach(() => vi.restoreAllMocks());

async function run(options: Partial<ModelOptions>): Promise<number> {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  return modelAtTerminal(said(options), signal).finally(() => vi.restoreAllMocks());
}

const configAt = async (folder: string) => JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));

test('the newest run is exported where none is named', async () => {
  const into = join(root, 'newest');
  expect(await run({ export: into })).toBe(0);
  expect(printed).toContain('The model of another, before the first round, as all agreed on it');
  expect(await configAt(into)).toMatchObject({ n_layer: 1, n_embd: 16 });
});

test('a practice is exported by its hotkey, and what was written is looked at', async () => {
  const into = join(root, 'practice');
  expect(await run({ export: into, run: mine })).toBe(0);
  expect(printed).toContain('The model of practice, before the first round');
  expect(await configAt(into)).toMatchObject({ n_layer: 4, n_embd: 128 });
  expect(await run({ import: into, begin: 'The river' })).toBe(0);
  expect(printed).toContain('A whole GPT-2: 4 layers, 128 channels');
  expect(printed).toContain('It speaks the practice’s tokens.');
  expect(printed).toMatch(/After “The river” it writes: [\x20-\u{10ffff}]*\n$/u);
});

test('where nothing is there, that is said by its code', async () => {
  const into = join(root, 'never');
  await expect(run({ export: into, dataDir: join(root, 'none') })).rejects.toMatchObject({
    code: 'MODEL_NO_RUN',
  });
  await expect(run({ export: into, run: 'nobody' })).rejects.toMatchObject({ code: 'MODEL_NO_RUN' });
  await expect(run({ export: into, which: 'local' })).rejects.toMatchObject({ code: 'MODEL_STATE_MISSING' });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runFolder } from '../../../src-main/data-folder.ts';
import { makeKeys, type RunKeys } from '../../../src-main/join/keys.ts';
import { placeFile } from '../../../src-main/join/register.ts';
import type { Networks } from '../../../src-main/network/networks.ts';
import { type JoinedOptions, NOTHING_PAID, planJoined } from '../../../src-main/runs/joined.ts';
import { type JoinedRun, type KeptRun, keptRunsFile } from '../../../src-main/runs/kept-runs.ts';
import type { RunPlan } from '../../../src-main/runs/plan.ts';
import { openRuns } from '../../../src-main/runs/runs.ts';
import { durableJson } from '../../../src-node/durable-json.ts';
import { profileHash, runTagOf } from '../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';
import { hex } from '../../../src-shared/units.ts';

const nothing = () => undefined;
const [joinedOn, foundNow] = [hex('ab'.repeat(32)), hex('cd'.repeat(32))];

let dataDir: string;
let keys: RunKeys;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'joined-'));
  keys = await makeKeys(join(dataDir, 'keys'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const origin = (): JoinedRun => ({
  kind: 'joined',
  networkName: 'own',
  genesisHash: null,
  endpoints: ['ws://127.0.0.1:1'],
  profile: practiceProfile({
    witness: keys.hotkey,
    ownerColdkey: keys.hotkey,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  }),
  role: 'miner',
  keysDir: join(dataDir, 'keys'),
  bootstrap: [],
  listen: null,
});

const kept = (): KeptRun => ({
  id: keys.hotkey,
  origin: origin(),
  stoppedAtMs: 1,
  pause: null,
  facts: {
    profile: 'practice',
    profileHash: joinedOn,
    netuid: 38,
    role: 'miner',
    mark: null,
    startedAtMs: 1,
    network: 'own',
    controls: ['pause', 'stop'],
  },
});

/** The list as a Butterfly wrote it that knew no genesis. */
async function writeOldList(): Promise<void> {
  const { genesisHash: _, ...old } = origin();
  const file = durableJson({ path: join(dataDir, 'runs.json'), schema: v.unknown(), told: nothing });
  await file.write([{ ...kept(), origin: old }]);
}

it('reads a list of before, which names no chain', async () => {
  await writeOldList();
  const told = vi.fn();
  await expect(keptRunsFile(dataDir, told).read()).resolves.toEqual([kept()]);
  expect(told).not.toHaveBeenCalled();
});

it('starts a stopped one again without paying for anything', async () => {
  const planOf = vi.fn((_origin: unknown, _consent: unknown) =>
    Promise.resolve({
      id: keys.hotkey,
      facts: kept().facts,
      begin: () => new Promise<never>(nothing),
    } as unknown as RunPlan),
  );
  await writeOldList();
  const file = keptRunsFile(dataDir, nothing);
  const runs = await openRuns({
    file,
    planOf,
    folderOf: () => dataDir,
    log: nothing,
    signal: new AbortController().signal,
  });
  await runs.startAgain(keys.hotkey);
  expect(planOf.mock.calls).toEqual([[origin(), NOTHING_PAID]]);
  expect(NOTHING_PAID).toEqual({ registrationLimitRao: null, stakeRao: null, isConsentFresh: false });
});

describe('a run whose address leads to another chain now', () => {
  const network = { genesisHash: foundNow, identity: async () => ({ name: 'Elsewhere', specVersion: 1 }) };
  const subnet = vi.fn();
  const networks = { open: async () => ({ network, subnet, release: nothing }) } as unknown as Networks;

  it.each([
    ['its list', async () => ({ ...origin(), genesisHash: joinedOn })],
    [
      'the place of its hotkey, where the list is of before',
      async () => {
        const runTag = runTagOf(profileHash(origin().profile.consensus));
        const folder = await runFolder(dataDir, { hotkey: keys.hotkey, runTag, genesisHash: joinedOn });
        await placeFile(folder, nothing).write({ genesisHash: joinedOn, netuid: 38, uid: 3 });
        return origin();
      },
    ],
  ])('knows it from %s, and asks that chain for nothing', async (_what, joined) => {
    const options = {
      ...{ dataDir, networks, settings: () => defaultSettings, extraEnv: {}, log: nothing },
      sourceOf: () => ({ async *lineages() {}, fetch: async () => false }),
      noticesOf: () => ({ notice: nothing, clearNotice: nothing }),
    } as unknown as JoinedOptions;
    const plan = await planJoined(await joined(), NOTHING_PAID, options, async () => null);
    const begun = plan.begin(
      { setup: nothing, gaveUp: nothing, mayTrain: () => true },
      new AbortController().signal,
    );
    await expect(begun).rejects.toMatchObject({ code: 'CHAIN_IS_ANOTHER' });
    expect(subnet).not.toHaveBeenCalled();
  });
});

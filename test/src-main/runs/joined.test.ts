import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeKeys } from '../../../src-main/join/keys.ts';
import type { Networks } from '../../../src-main/network/networks.ts';
import {
  forOneBegin,
  type JoinedOptions,
  NOTHING_PAID,
  planJoined,
  type RunPlace,
} from '../../../src-main/runs/joined.ts';
import type { JoinedRun } from '../../../src-main/runs/kept-runs.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';
import { hex, rao } from '../../../src-shared/units.ts';

it('has one place for each profile and chain, whatever its hotkey did before', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'joined-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const keysDir = join(dataDir, 'keys');
  const { hotkey } = await makeKeys(keysDir);
  const first = practiceProfile({ witness: hotkey, ownerColdkey: hotkey, endpoint: 'ws://a', bootstrap: [] });
  const second = { ...first, consensus: { ...first.consensus, name: 'practice-2' } };
  const shares = { open: 0 };
  /** A chain that has the subnet of nobody: the run ends after its place was made. */
  const chain = (genesis: string) => {
    const share = {
      network: { genesisHash: hex(genesis.repeat(32)) },
      subnet: () => Promise.reject(new AppError('SUBNET_ABSENT', { netuid: 38, chain: genesis })),
      release: async () => void shares.open--,
    };
    const open = async () => {
      shares.open++;
      return share;
    };
    return { open } as unknown as Networks;
  };
  const begin = async (profile: typeof first, genesis: string) => {
    const origin = { networkName: 'devnet', profile, role: 'miner', keysDir, endpoints: ['ws://a'] };
    const options = {
      ...{ dataDir, networks: chain(genesis), store: {}, extraEnv: {}, log: () => undefined },
      sourceOf: () => ({ async *lineages() {}, fetch: async () => false }),
      ...{ settings: () => defaultSettings, noticesOf: () => ({ notice: () => undefined }) },
    };
    const plan = await planJoined(
      { ...origin, bootstrap: [], listen: null } as unknown as JoinedRun,
      NOTHING_PAID,
      options as unknown as JoinedOptions,
      async () => null,
    );
    const told = { setup: () => undefined, gaveUp: () => undefined, mayTrain: () => true };
    await expect(plan.begin(told, new AbortController().signal)).rejects.toThrow('SUBNET_ABSENT');
  };
  await begin(first, 'aa');
  await begin(second, 'aa');
  await begin(first, 'bb');
  const [one, two] = [first, second].map(({ consensus }) => runTagOf(profileHash(consensus)));
  const places = await readdir(join(dataDir, 'runs'));
  expect(new Set(places)).toEqual(new Set([`${one}-aaaaaaaa`, `${two}-aaaaaaaa`, `${one}-bbbbbbbb`]));
  expect(await readdir(join(dataDir, 'runs', `${one}-aaaaaaaa`))).toEqual([hotkey]);
  expect(shares.open).toBe(0);
});

it('works beside a practice wherever that answers now, and waits for one that does not', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'joined-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const keysDir = join(dataDir, 'keys');
  const { hotkey } = await makeKeys(keysDir);
  const profile = practiceProfile({
    witness: hotkey,
    ownerColdkey: hotkey,
    endpoint: 'ws://old',
    bootstrap: [],
  });
  const opened: unknown[] = [];
  let at: RunPlace | null = null;
  const options = {
    ...{ dataDir, store: {}, extraEnv: {}, log: () => undefined, practiceAt: () => at },
    ...{ settings: () => defaultSettings, noticesOf: () => ({ notice: () => undefined }) },
    networks: {
      open: async (address: unknown) => {
        opened.push(address);
        throw new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://now' });
      },
    },
  } as unknown as JoinedOptions;
  const origin = {
    ...{
      networkName: 'practice',
      profile,
      role: 'validator',
      keysDir,
      endpoints: ['ws://old'],
      bootstrap: [],
    },
    ...{ listen: null, beside: 'practice' },
  } as unknown as JoinedRun;
  const plan = await planJoined(origin, NOTHING_PAID, options, async () => null);
  const told = { setup: () => undefined, gaveUp: () => undefined, mayTrain: () => true };
  const { signal } = new AbortController();
  expect(plan.waitsForChain).toBe(true);
  await expect(plan.begin(told, signal)).rejects.toMatchObject({
    code: 'CHAIN_UNREACHABLE',
    params: { endpoint: 'practice' },
  });
  at = { endpoints: ['ws://now'], bootstrap: ['/ip4/127.0.0.1/tcp/4001'] };
  await expect(plan.begin(told, signal)).rejects.toThrow('CHAIN_UNREACHABLE');
  expect(opened).toEqual([{ name: 'practice', endpoints: ['ws://now'] }]);
});

it('lets a consent pay for one begin only', () => {
  const consent = { registrationLimitRao: rao(5n), stakeRao: rao(7n), isConsentFresh: true };
  const paying = forOneBegin(consent);
  expect([paying(), paying()]).toEqual([consent, NOTHING_PAID]);
});

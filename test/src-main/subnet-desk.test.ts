import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runFolder } from '../../src-main/data-folder.ts';
import { placeFile } from '../../src-main/join/register.ts';
import { type Networks, openNetworks } from '../../src-main/network/networks.ts';
import type { RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { openStore, type Store } from '../../src-main/store/store.ts';
import { openSubnetDesk, type SubnetDesk } from '../../src-main/subnet-desk.ts';
import { listeners } from '../../src-node/listeners.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Devnet } from '../../src-worker/devnet/start.ts';
import {
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  startTestChain,
} from './network/rig.ts';

const NETWORK = 'ours';
const { signal } = new AbortController();
const stoppedId = minerHotkey.address;
const profile = (() => {
  const made = practiceProfile({
    witness: ownerHotkey.address,
    ownerColdkey: owner.address,
    endpoint: '',
    bootstrap: [],
  });
  const chain = {
    ...made.consensus.chain,
    netuid: NETUID,
    identity: { name: SUBNET_NAME, ownerColdkey: owner.address },
  };
  return { ...made, consensus: { ...made.consensus, chain } };
})();

const ofRun = (id: Ss58) => ({ kind: 'run', id }) as const;
let folder = '';
let devnet: Devnet;
let networks: Networks;
let store: Store;
let desk: SubnetDesk;
let events: ReturnType<typeof listeners<{ begun: LiveRun; gone: LiveRun }>>;
let live: Map<Ss58, LiveRun>;
let origins: Map<Ss58, RunOrigin>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-desk-'));
  devnet = await startTestChain();
  networks = openNetworks(() => undefined);
  store = await openStore({ dataDir: folder, onProblem: () => undefined, onRecovered: () => undefined });
  events = listeners();
  live = new Map();
  origins = new Map([
    [
      stoppedId,
      {
        ...{ kind: 'joined', networkName: NETWORK, genesisHash: null, endpoints: [devnet.url], profile },
        ...{ role: 'miner', keysDir: folder, bootstrap: [], listen: null },
      } as RunOrigin,
    ],
    [owner.address, { kind: 'practice' }],
  ]);
  await openDesk();
});

async function openDesk(): Promise<void> {
  const runs = {
    on: events.on,
    live,
    originOf(id: Ss58) {
      const origin = origins.get(id);
      if (!origin) throw new AppError('RUN_UNKNOWN', { id });
      return origin;
    },
  } as unknown as Runs;
  desk = await openSubnetDesk({
    ...{ dataDir: folder, networks, store, runs, signal },
    told: { notice: () => undefined },
    settings: () => defaultSettings,
    log: () => undefined,
  });
}
afterEach(async () => {
  await desk.stop();
  await networks.stop();
  await store.stop();
  await devnet.stop();
  await rm(folder, { recursive: true });
});

describe('the subnet of a run that is stopped', () => {
  it('is looked at over a network that is opened for it, and let go with the desk', async () => {
    const view = await desk.look(ofRun(stoppedId));
    expect(view).toMatchObject({
      netuid: NETUID,
      identity: { name: SUBNET_NAME, foreign: null },
      place: { uid: null },
    });
    expect(networks.all.has(NETWORK)).toBe(true);
    await desk.stop();
    expect(networks.all.has(NETWORK)).toBe(false);
  });

  it('tells that its place was lost, and to whom', async () => {
    const { genesisHash } = (await networks.open({ name: NETWORK, endpoints: [devnet.url] }, signal)).network;
    const runTag = runTagOf(profileHash(profile.consensus));
    const runDir = await runFolder(folder, { hotkey: stoppedId, runTag, genesisHash });
    await placeFile(runDir, () => undefined).write({ genesisHash, netuid: NETUID, uid: 0 });
    const { place } = await desk.look(ofRun(stoppedId));
    expect(place?.lost).toMatchObject({ uid: 0, holder: ownerHotkey.address });
  });

  it('is shown as what it is where it is another one now', async () => {
    const foreign = { ...profile.consensus.chain, identity: { name: 'Another', ownerColdkey: null } };
    const origin = origins.get(stoppedId) as Extract<RunOrigin, { kind: 'joined' }>;
    const consensus = { ...profile.consensus, chain: foreign };
    origins.set(stoppedId, { ...origin, profile: { ...profile, consensus } });
    expect((await desk.look(ofRun(stoppedId))).identity).toMatchObject({
      name: SUBNET_NAME,
      expectedName: 'Another',
      foreign: { code: 'CHAIN_IDENTITY_MISMATCH' },
    });
  });

  it('sleeps with the practice it belongs to, and is unknown with the run', async () => {
    await expect(desk.look(ofRun(owner.address))).rejects.toMatchObject({ code: 'SUBNET_ASLEEP' });
    await expect(desk.look(ofRun(miner.address))).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
  });

  it('keeps its user’s mark by chain and number', async () => {
    expect((await desk.look(ofRun(stoppedId))).mark).toBeNull();
    await desk.mark(ofRun(stoppedId), 8);
    expect((await desk.look(ofRun(stoppedId))).mark?.mark).toBe(8);
    await desk.mark(ofRun(stoppedId), null);
    expect((await desk.look(ofRun(stoppedId))).mark).toBeNull();
  });
});

describe('any subnet of a network', () => {
  const any = { kind: 'netuid', network: NETWORK, netuid: NETUID } as const;

  it('is listed with its name and price, and looked at for nobody', async () => {
    await expect(desk.list(NETWORK)).rejects.toMatchObject({ code: 'NETWORK_NOT_OPEN' });
    const share = await networks.open({ name: NETWORK, endpoints: [devnet.url] }, signal);
    const [one, ...more] = await desk.list(NETWORK);
    expect(one).toMatchObject({ netuid: NETUID, name: SUBNET_NAME });
    expect(one?.priceRao).toBeGreaterThan(0n);
    expect(more).toEqual([]);
    const view = await desk.look(any);
    expect(view).toMatchObject({
      netuid: NETUID,
      place: null,
      identity: { expectedName: null, foreign: null },
    });
    expect(view.neurons.length).toBeGreaterThan(0);
    await desk.mark(any, 3);
    expect((await desk.look(any)).mark?.mark).toBe(3);
    await expect(desk.look({ ...any, netuid: 7 })).rejects.toMatchObject({ code: 'SUBNET_ABSENT' });
    // Who looks is no reason to stay connected.
    await share.release();
    await desk.stop();
    expect(networks.all.has(NETWORK)).toBe(false);
  });
});

describe('the subnet of a practice', () => {
  it('is there as it was seen last while the practice is stopped, after a restart too', async () => {
    const share = await networks.open({ name: NETWORK, endpoints: [devnet.url] }, signal);
    const chain = await share.subnet(NETUID, profile.consensus.chain.identity, signal);
    const body = {
      run: { hotkey: owner.address, coldkey: owner.address, uid: null, chain, config: { profile } },
    };
    const one = { id: owner.address, body, begun: Promise.resolve(body) } as unknown as LiveRun;
    live.set(one.id, one);
    const awake = await desk.look(ofRun(one.id));
    expect(awake.isAsleep).toBe(false);
    live.delete(one.id);
    events.emit('gone', one);
    expect(await desk.look(ofRun(one.id))).toEqual({ ...awake, isAsleep: true });
    await desk.stop();
    await openDesk();
    expect(await desk.look(ofRun(one.id))).toEqual({ ...awake, isAsleep: true });
    await share.release();
  });
});

describe('the subnet of a run that works', () => {
  it('is looked at over the run’s own chain, and its past kept until the run is gone', async () => {
    const share = await networks.open({ name: NETWORK, endpoints: [devnet.url] }, signal);
    const chain = await share.subnet(NETUID, profile.consensus.chain.identity, signal);
    origins.set(ownerHotkey.address, origins.get(stoppedId) as RunOrigin);
    const run = {
      ...{ hotkey: ownerHotkey.address, coldkey: owner.address, uid: 0, chain },
      config: { profile },
    };
    const body = { run };
    const one = { id: ownerHotkey.address, body, begun: Promise.resolve(body) } as unknown as LiveRun;
    live.set(one.id, one);
    events.emit('begun', one);
    await one.begun;
    const view = await desk.look(ofRun(one.id));
    expect(view.place).toMatchObject({ uid: 0, coldkey: owner.address, lost: null });
    const kept = store.subnet(chain.genesisHash, NETUID);
    await expect.poll(async () => (await kept.points(0, 10)).length).toBe(1);
    expect(await kept.ownerSince(owner.address)).toBe(view.identity.ownerSeenSince ?? 0);

    live.delete(one.id);
    events.emit('gone', one);
    for (let block = 0; block < 30; block++) devnet.sealBlock();
    await expect.poll(() => chain.snapshot?.block.number ?? 0).toBeGreaterThan(20);
    expect(await kept.points(0, 10)).toHaveLength(1);
    await share.release();
  });
});

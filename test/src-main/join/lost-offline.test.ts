import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runFolder } from '../../../src-main/data-folder.ts';
import { placeFile, register } from '../../../src-main/join/register.ts';
import type { Signer } from '../../../src-main/network/chain.ts';
import { NOTHING_PAID } from '../../../src-main/runs/joined.ts';
import { keptRunsFile, type RunOrigin } from '../../../src-main/runs/kept-runs.ts';
import type { RunPlan } from '../../../src-main/runs/plan.ts';
import { openRuns } from '../../../src-main/runs/runs.ts';
import { openStore } from '../../../src-main/store/store.ts';
import { openSubnetDesk } from '../../../src-main/subnet-desk.ts';
import { aborted } from '../../../src-node/waits.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../../src-shared/profile/profile.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';
import { rao, type Ss58 } from '../../../src-shared/units.ts';
import {
  connect,
  EXPECTED,
  NETUID,
  owner,
  ownerHotkey,
  SUBNET_NAME,
  sealing,
  testSigner,
  testSubnet,
} from '../network/rig.ts';
import { type DeskRig, freeRao, NETWORK, startDesk, TAO } from '../wallet/desk-rig.ts';

const { signal } = new AbortController();
const hotkey = testSigner('//ours').address;
const newcomer = testSigner('//newcomer').address;
/** Pays for it: hotkeys of the subnet's owner would be safe from the next one. */
const rival = testSigner('//rival');
const place: Intent = { kind: 'register', netuid: NETUID, hotkey, limitRao: rao(5n * TAO) };
/** What was agreed to when it was joined, and not now. */
const before = { limitRao: rao(5n * TAO), isConsentFresh: false };

const made = practiceProfile({
  witness: ownerHotkey.address,
  ownerColdkey: owner.address,
  endpoint: '',
  bootstrap: [],
});
const identity = { name: SUBNET_NAME, ownerColdkey: owner.address };
const profile = {
  ...made,
  consensus: { ...made.consensus, chain: { ...made.consensus.chain, netuid: NETUID, identity } },
};

/** One who is never to be asked for a signature. */
const deaf = (address: Ss58): Signer => ({
  address,
  sign: () => Promise.reject(new AppError('INTERNAL', { why: 'it was asked to sign' })),
});

/** The runs of a host over the rig's own network. What comes of a run after its place on the subnet is not looked at. */
async function startRuns(rig: DeskRig, dataDir: string) {
  const registered = Promise.withResolvers<number>();
  registered.promise.catch(() => undefined);
  const facts = {
    ...{ profile: profile.consensus.name, profileHash: profileHash(profile.consensus), netuid: NETUID },
    ...{ role: 'miner', mark: null, startedAtMs: 1, network: NETWORK, controls: ['stop'] },
  };
  const plan = {
    ...{ id: hotkey, facts, keysDir: dataDir, waitsForChain: false },
    async begin(_told: unknown, life: AbortSignal) {
      const chain = await rig.network.subnet(NETUID, EXPECTED, life);
      const at = { chain, hotkey, coldkey: deaf(rig.coldkey), dataDir: await runDirOf(rig, dataDir) };
      const { uid } = await register({ ...at, told: () => undefined, ...before }, life);
      registered.resolve(uid);
      return aborted(life).then(() => Promise.reject(new AppError('CANCELLED')));
    },
  };
  const file = keptRunsFile(dataDir, () => undefined);
  const runs = await openRuns({
    ...{ file, planOf: async () => plan as unknown as RunPlan, folderOf: () => dataDir },
    ...{ log: () => undefined, signal },
  });
  onTestFinished(() => runs.stop());
  return { runs, registered: registered.promise };
}

const runDirOf = (rig: DeskRig, dataDir: string): Promise<string> =>
  runFolder(dataDir, {
    ...{ hotkey, genesisHash: rig.network.genesisHash, runTag: runTagOf(profileHash(profile.consensus)) },
  });

it('a place lost while the host is down is told at its next start, and bought back by an order alone', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'lost-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const subnet = { ...testSubnet, maxUids: 2, immunityPeriod: 0, minNonImmuneUids: 0 };
  const accounts = [{ ss58: rival.address, freeRao: 20n * TAO }];
  const rig = await startDesk({ isStarted: false, chain: { subnets: [subnet], accounts } });
  expect((await rig.order(place)).state).toMatchObject({ kind: 'done', outcome: { uid: 1 } });
  const first = await startRuns(rig, dataDir);
  const origin = {
    ...{ kind: 'joined', networkName: NETWORK, genesisHash: null, endpoints: [rig.wire.url], profile },
    ...{ role: 'miner', keysDir: dataDir, bootstrap: [], listen: null },
  } as RunOrigin;
  await first.runs.start(origin, NOTHING_PAID);
  expect(await first.registered).toBe(1);
  await first.runs.stop();
  await rig.desk.stop();
  await rig.networks.stop();

  // While it is down somebody else gets the place.
  const elsewhere = await connect([rig.devnet.url], signal);
  const call = { kind: 'burnedRegister', hotkey: newcomer, limitRao: rao(10n * TAO) } as const;
  const taken = await sealing(rig.devnet, elsewhere.submit(call, rival, signal));
  expect(taken).toMatchObject({ kind: 'finalized', effect: { uid: 1 } });
  await elsewhere.stop();

  const back = await rig.killed();
  const held = await freeRao(back);
  const { runs, registered } = await startRuns(back, dataDir);
  const failed = new Promise<unknown>((resolve) => runs.on('failed', ({ error }) => resolve(error)));
  await runs.goOn();
  expect(await failed).toMatchObject({
    code: 'REGISTRATION_LOST',
    params: { uid: 1, netuid: NETUID, holder: newcomer, block: expect.any(Number) },
  });
  expect(runs.stopped.map(({ id }) => id)).toEqual([hotkey]);

  const store = await openStore({ dataDir, onProblem: () => undefined, onRecovered: () => undefined });
  onTestFinished(() => store.stop());
  const subnets = await openSubnetDesk({
    ...{ dataDir, networks: back.networks, store, runs, signal, log: () => undefined },
    ...{ told: { notice: () => undefined }, settings: () => defaultSettings },
  });
  onTestFinished(() => subnets.stop());
  const view = await subnets.look({ kind: 'run', id: hotkey });
  expect(view.place).toMatchObject({ uid: null, lost: { uid: 1, holder: newcomer } });
  // Nothing left it: a signature that was asked for would have been the failure.
  expect(await freeRao(back)).toBe(held);

  expect((await back.order(place)).state).toMatchObject({ kind: 'done', outcome: { uid: 1 } });
  expect(await freeRao(back)).toBeLessThan(held);
  await runs.startAgain(hotkey);
  expect(await registered).toBe(1);
  expect(runs.stopped).toEqual([]);
  const { genesisHash } = back.network;
  const kept = await placeFile(await runDirOf(back, dataDir), () => undefined).read();
  expect(kept).toEqual({ genesisHash, netuid: NETUID, uid: 1 });
});

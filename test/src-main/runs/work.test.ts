import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { makeKeys } from '../../../src-main/join/keys.ts';
import type { Networks } from '../../../src-main/network/networks.ts';
import { checkPeerPort } from '../../../src-main/runs/peer-port.ts';
import type { StartedTrain } from '../../../src-main/runs/start-train.ts';
import { startWork } from '../../../src-main/runs/work.ts';
import { tryPort } from '../../../src-node/try-port.ts';
import { onProcessor } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { RAO_PER_TAO, rao } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'work-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const { signal } = new AbortController();

/** A port of this computer that somebody has, until it is given back. */
async function taken() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const giveBack = () => new Promise((resolve) => server.close(resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, giveBack };
}

interface Scene {
  readonly train: StartedTrain | Promise<StartedTrain>;
  /** Of the network, where it is asked for. */
  onOpen(): void;
}

/** A `train` that says when it was stopped. */
function aTrain() {
  let stops = 0;
  const child = {
    async stop() {
      stops += 1;
    },
  };
  const made = { child, client: {}, onRestarted: null } as unknown as StartedTrain;
  return { made, stops: () => stops };
}

/** Starts a run that may register, on a chain in memory and with a `train` that is there already. */
async function start(port: number, { train, onOpen }: Scene = { train: aTrain().made, onOpen() {} }) {
  const keys = await makeKeys(join(dataDir, 'keys'));
  const chain = fakeChain({ neurons: [], freeRao: new Map([[keys.coldkey, rao(RAO_PER_TAO)]]) });
  chain.sealTo(1);
  const share = {
    subnet: async () => Object.assign(chain, { callIndexes: () => new Map() }),
    release: async () => undefined,
  };
  const networks = {
    async open() {
      onOpen();
      return share;
    },
  };
  const nothing = () => undefined;
  const work = startWork(
    {
      dataDir,
      keys,
      network: { name: 'own', endpoints: ['ws://127.0.0.1:1'] },
      profile: practiceProfile({
        witness: keys.hotkey,
        ownerColdkey: keys.coldkey,
        endpoint: 'ws://127.0.0.1:1',
        bootstrap: [],
      }),
      role: 'miner',
      registrationLimitRao: rao(RAO_PER_TAO),
      stakeRao: null,
      isConsentFresh: true,
      engine: onProcessor(1),
      share: () => 1,
      freeBytes: async () => null,
      adversary: null,
      announcedStore: null,
      outside: { mapsPort: false, mayRelay: false },
      listen: { host: '127.0.0.1', port },
      measuresHeldOut: false,
      extraEnv: {},
      notices: { notice: nothing, clearNotice: nothing },
      log: nothing,
      onStaked: nothing,
      onGaveUp: nothing,
      mayTrain: () => true,
      onMilestone: nothing,
    },
    {
      networks: networks as unknown as Networks,
      readPast: () => Promise.reject(new Error('it came too far')),
      train: train as StartedTrain,
    },
    signal,
  );
  return { work, chain };
}

it('pays for no place while another program has the port for peers', async () => {
  const { port } = await taken();
  const { work, chain } = await start(port);
  await expect(work).rejects.toMatchObject({
    code: 'PEER_PORT_IN_USE',
    params: { host: '127.0.0.1', port },
  });
  expect(chain.submitted).toEqual([]);
});

it('stops a `train` that becomes ready when its network has just failed', async () => {
  const train = aTrain();
  const ready = Promise.withResolvers<StartedTrain>();
  const { work } = await start(0, {
    train: ready.promise,
    onOpen() {
      setImmediate(() => ready.resolve(train.made));
      throw new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://127.0.0.1:1' });
    },
  });
  await expect(work).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  expect(train.stops()).toBe(1);
});

it('lets peers in at a free port, and at whichever the system gives', async () => {
  const { port, giveBack } = await taken();
  await giveBack();
  await checkPeerPort({ host: '127.0.0.1', port }, signal);
  await checkPeerPort({ host: '127.0.0.1', port: 0 }, signal);
});

it('waits for a port that a killed start is about to give back', async () => {
  const { port, giveBack } = await taken();
  const checked = checkPeerPort({ host: '127.0.0.1', port }, signal);
  // Tried after it: by then the check has met the taken port, too.
  await expect(tryPort('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  await giveBack();
  await expect(checked).resolves.toBeUndefined();
});

it('says why an address that is not of this computer lets nobody in', async () => {
  await expect(checkPeerPort({ host: '192.0.2.1', port: 4_001 }, signal)).rejects.toMatchObject({
    code: 'PEER_ADDRESS_UNUSABLE',
    params: { host: '192.0.2.1', port: 4_001, reason: 'EADDRNOTAVAIL' },
  });
});

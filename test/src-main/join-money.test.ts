import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeKeys } from '../../src-main/join/keys.ts';
import { openSeenAnnouncements } from '../../src-main/join/seen-announcements.ts';
import { type JoinOrder, openJoinDesk } from '../../src-main/join-desk.ts';
import type { ConnectedChain } from '../../src-main/network/client.ts';
import type { NetworkShare, Networks } from '../../src-main/network/networks.ts';
import type { RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { HOTKEY } from '../../src-main/vault/key-names.ts';
import { openVault } from '../../src-main/vault/vault.ts';
import type { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { encodeIdentityField } from '../../src-shared/rounds/identity-field.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import { type Hex, hex, RAO_PER_TAO, rao, type Ss58 } from '../../src-shared/units.ts';
import { type FakeChainOptions, fakeChain } from '../fakes/fake-chain.ts';

const endpoint = 'ws://127.0.0.1:1';
const FINNEY = hex('2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03');
const tao = (amount: number) => rao(BigInt(amount) * RAO_PER_TAO);

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'join-desk-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

/** A desk on this network, which is open under both names. */
function deskOn(share: NetworkShare, live: readonly Ss58[]) {
  const start = vi.fn((_origin: RunOrigin, _consent: unknown) => Promise.resolve({ id: 'the run' }));
  const update = vi.fn();
  const desk = openJoinDesk({
    dataDir,
    networks: { all: { has: () => true }, open: async () => share } as unknown as Networks,
    runs: { live: new Set(live), interrupted: () => null, start } as unknown as Runs,
    keeper: { update } as unknown as ViewKeeper,
    settings: () => ({}) as SettingValues,
    seen: openSeenAnnouncements(dataDir, () => undefined),
    signal: new AbortController().signal,
  });
  return { desk, start, update };
}

interface Scene {
  readonly chain?: Partial<FakeChainOptions>;
  /** What our hotkey is on the chain; null is not there. */
  readonly own?: { readonly validatorPermit: boolean } | null;
  readonly genesisHash?: Hex;
  /** The chain that the profile names; by default this one. */
  readonly pinned?: Hex;
  readonly coldkeyAtHand?: boolean;
  /** Whether the hotkey works on this computer already. */
  readonly isLive?: boolean;
  /** The run under which others work there. */
  readonly otherTag?: Hex;
  readonly order?: Partial<JoinOrder>;
  /** What the chain says instead of a subnet. */
  readonly absent?: AppError;
}

/** Orders a join on a chain in memory that this computer reaches. */
async function joinIn({ chain: options, own = null, order, ...scene }: Scene) {
  const keysFolder = join(dataDir, 'brought');
  const keys = scene.coldkeyAtHand === false ? null : await makeKeys(keysFolder);
  const hotkey = keys?.hotkey ?? (await openVault({ dir: keysFolder }).ensureHotkey(HOTKEY));
  const coldkey = keys?.coldkey ?? hotkey;
  const chain = fakeChain({
    neurons: [{}, ...(own ? [{ ...own, hotkey, coldkey }] : [])],
    subnet: { burnRao: tao(1) },
    freeRao: new Map([[coldkey, tao(100)]]),
    alphaPriceRao: tao(1),
    poolTaoRao: tao(1_000),
    ...options,
  });
  chain.sealTo(1);
  chain.sealTo(3);
  const { otherTag } = scene;
  const said = otherTag && encodeIdentityField({ tag: otherTag, peerKey: hex('ab'.repeat(32)) });
  const told: ConnectedChain = Object.create(chain, {
    genesisHash: { value: scene.genesisHash ?? chain.genesisHash },
    callIndexes: { value: () => new Map() },
    commitments: {
      value: async (asked: readonly Ss58[]) =>
        new Map(said ? asked.map((one) => [one, { block: 1, fields: [said] }]) : []),
    },
  });
  const share = {
    network: { genesisHash: told.genesisHash, identity: async () => ({ name: 'Elsewhere', specVersion: 1 }) },
    subnet: async () => {
      if (scene.absent) throw scene.absent;
      return told;
    },
    release: async () => undefined,
  } as unknown as NetworkShare;
  const { desk, start, update } = deskOn(share, scene.isLive ? [hotkey] : []);
  const named = { witness: hotkey, ownerColdkey: coldkey };
  const shipped = practiceProfile({
    ...named,
    genesis: scene.pinned ?? told.genesisHash,
    endpoint,
    bootstrap: [],
  });
  const whole: JoinOrder = {
    networkName: 'own',
    endpoint,
    profile: { kind: 'file', text: JSON.stringify(shipped) },
    role: 'miner',
    keysFolder,
    isAgreed: true,
    mayPay: true,
    registrationLimitRao: null,
    stakeRao: null,
    bootstrap: null,
    listen: null,
    ...order,
  };
  const joining = (changes: Partial<JoinOrder>) =>
    desk.join({ ...whole, ...changes }).then(
      () => 'joined',
      ({ code }: AppError) => code,
    );
  return { outcome: await joining({}), joining, start, chain, update };
}

const miner = { validatorPermit: false };
const validator = { validatorPermit: true };
const agreed = { registrationLimitRao: tao(2) };
const asValidator = { role: 'validator' } as const;
const absent = new AppError('SUBNET_ABSENT', { netuid: 38, chain: endpoint });

describe('an order is refused before anything is begun or paid:', () => {
  it.each<[string, string, Scene]>([
    ['REGISTRATION_NOT_AGREED', 'a place without a limit', {}],
    ['REGISTRATION_OVER_LIMIT', 'a limit below the price', { order: { registrationLimitRao: rao(5n) } }],
    ['BALANCE_TOO_LOW', 'a place for more than there is', { chain: { freeRao: new Map() }, order: agreed }],
    ['BALANCE_TOO_LOW', 'place and stake together', { order: { ...agreed, stakeRao: rao(99_500_000_000n) } }],
    ['HOTKEY_NOT_REGISTERED', 'a place without the coldkey', { coldkeyAtHand: false, order: agreed }],
    ['HOTKEY_NOT_REGISTERED', 'a place on a real network', { genesisHash: FINNEY, order: agreed }],
    [
      'STAKE_NOT_HERE',
      'a stake without the coldkey',
      { coldkeyAtHand: false, own: miner, order: { stakeRao: tao(1) } },
    ],
    [
      'STAKE_NOT_HERE',
      'a stake on a real network',
      { genesisHash: FINNEY, own: miner, order: { stakeRao: tao(1) } },
    ],
    ['ROLE_WITHOUT_PERMIT', 'a validator without a permit', { own: miner, order: asValidator }],
    ['ROLE_WITHOUT_PERMIT', 'a new validator that stakes nothing', { order: { ...agreed, ...asValidator } }],
    [
      'ROLE_WITHOUT_PERMIT',
      'a new validator that stakes 0',
      { order: { ...agreed, ...asValidator, stakeRao: rao(0n) } },
    ],
    ['PROFILE_HASH_FOREIGN', 'another run', { own: miner, otherTag: hex('ef'.repeat(8)) }],
    [
      'PROFILE_HASH_FOREIGN',
      'another run, which no stake makes ours',
      { otherTag: hex('ef'.repeat(8)), order: { ...agreed, ...asValidator, stakeRao: tao(1) } },
    ],
    [
      'RUN_ASKS_ON_PAGE',
      'a stranger’s run that nobody has looked at',
      { own: miner, order: { isAgreed: false } },
    ],
    ['RUN_ALREADY_HERE', 'a hotkey at work', { own: miner, isLive: true }],
    [
      'PROFILE_UNPINNED',
      'a profile that is not pinned',
      { own: miner, order: { profile: { kind: 'shipped', name: 'gpt2-124m' } } },
    ],
    ['SUBNET_ABSENT', 'a subnet that is not there', { absent, order: agreed }],
    [
      'CHAIN_IS_ANOTHER',
      'a profile of another chain, whose subnet looks the same',
      { own: miner, pinned: hex('ef'.repeat(32)) },
    ],
    [
      'CHAIN_IS_ANOTHER',
      'a chain that only goes by the name of finney',
      { own: miner, order: { networkName: 'finney' } },
    ],
    [
      'STAKE_MOVES_PRICE',
      'a stake that moves the price',
      { chain: { poolTaoRao: tao(10) }, own: miner, order: { stakeRao: tao(5) } },
    ],
    ['JOIN_ASKS_ON_PAGE', 'a place with a window', { order: { ...agreed, mayPay: false } }],
    ['JOIN_ASKS_ON_PAGE', 'a place with a window and no limit', { order: { mayPay: false } }],
    [
      'JOIN_ASKS_ON_PAGE',
      'a stake with a window',
      { own: miner, order: { stakeRao: tao(1), mayPay: false } },
    ],
  ])('%s for %s', async (code, _what, scene) => {
    const { outcome, start, chain } = await joinIn(scene);
    expect(outcome).toBe(code);
    expect(start).not.toHaveBeenCalled();
    expect(chain.submitted).toEqual([]);
  });
});

describe('an order is taken', () => {
  it.each<[string, Scene]>([
    ['for a place within the limit', { order: agreed }],
    ['for a hotkey that has a place, without any limit', { own: miner }],
    [
      'for a hotkey that has a place, on a real network',
      { genesisHash: FINNEY, own: miner, coldkeyAtHand: false },
    ],
    [
      'by the name of the network that it is',
      { genesisHash: FINNEY, own: miner, order: { networkName: 'finney' } },
    ],
    ['with a window, where nothing costs', { own: miner, order: { mayPay: false } }],
    ['for a validator with a permit', { own: validator, order: asValidator }],
    [
      'for a validator whose stake brings the permit',
      { order: { ...agreed, ...asValidator, stakeRao: tao(50) } },
    ],
  ])('%s', async (_what, scene) => {
    const { outcome, start } = await joinIn(scene);
    expect(outcome).toBe('joined');
    expect(start).toHaveBeenCalledOnce();
  });

  it('with its consent, and the chain that it was weighed on', async () => {
    const { start, chain } = await joinIn({ order: { ...agreed, stakeRao: tao(3) } });
    expect(start.mock.calls[0]).toEqual([
      expect.objectContaining({ genesisHash: chain.genesisHash }),
      { registrationLimitRao: tao(2), stakeRao: tao(3), isConsentFresh: true },
    ]);
  });
});

it('an order that asks on the page waits there, and is joined from there with the addresses that were typed', async () => {
  const listen = { host: '127.0.0.1', port: 4_001 };
  const bootstrap = ['/ip4/127.0.0.1/tcp/4002'];
  const { joining, start, update } = await joinIn({ order: { ...agreed, listen, bootstrap, mayPay: false } });
  expect(update).toHaveBeenCalledWith({
    asked: expect.objectContaining({ networkName: 'own', role: 'miner', registrationLimitRao: tao(2) }),
  });
  expect(start).not.toHaveBeenCalled();
  await expect(joining({ mayPay: true, listen: null, bootstrap: null })).resolves.toBe('joined');
  expect(start.mock.calls[0]?.[0]).toMatchObject({ listen, bootstrap });
  expect(update).toHaveBeenCalledWith({ asked: null });
});

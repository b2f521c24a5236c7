import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeKeys, ownKeysDir } from '../../src-main/join/keys.ts';
import { profileOf } from '../../src-main/join/read-profile.ts';
import { openSeenAnnouncements } from '../../src-main/join/seen-announcements.ts';
import { type JoinOrder, openJoinDesk } from '../../src-main/join-desk.ts';
import type { ConnectedChain } from '../../src-main/network/client.ts';
import type { NetworkShare, Networks } from '../../src-main/network/networks.ts';
import { NOTHING_PAID } from '../../src-main/runs/joined.ts';
import type { RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { HOTKEY } from '../../src-main/vault/key-names.ts';
import { openVault } from '../../src-main/vault/vault.ts';
import type { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { practiceProfile, shippedProfileNames } from '../../src-shared/profile/shipped.ts';
import { encodeIdentityField } from '../../src-shared/rounds/identity-field.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../src-shared/units.ts';

const endpoint = 'ws://127.0.0.1:1';
const [first = '', second = ''] = shippedProfileNames.filter((name) => name !== 'practice');

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'join-desk-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const orderFor = (name: string, role: 'miner' | 'validator' = 'miner'): JoinOrder => ({
  networkName: 'testnet',
  endpoint,
  profile: { kind: 'shipped', name },
  role,
  keysFolder: null,
  isAgreed: true,
  mayPay: true,
  registrationLimitRao: null,
  stakeRao: 5n as Rao,
  bootstrap: null,
  listen: null,
});

const ownKeys = () => makeKeys(ownKeysDir(dataDir, 'testnet'));

/** A desk on a network that is open, or on an address where nobody listens; with one run that was interrupted. */
function deskAfter(interrupted: RunOrigin | null, open: (() => Promise<NetworkShare>) | null = null) {
  const isOpen = { has: () => open !== null };
  const start = vi.fn((_origin: RunOrigin, _consent: unknown) => Promise.resolve({ id: 'the run' }));
  const desk = openJoinDesk({
    dataDir,
    networks: { all: isOpen, open } as unknown as Networks,
    runs: { live: new Map(), interrupted: () => interrupted, start } as unknown as Runs,
    keeper: { update: () => undefined } as unknown as ViewKeeper,
    settings: () => ({}) as SettingValues,
    seen: openSeenAnnouncements(dataDir, () => undefined),
    signal: new AbortController().signal,
  });
  return { desk, start };
}

async function originOf(order: JoinOrder): Promise<RunOrigin> {
  return {
    kind: 'joined',
    networkName: order.networkName,
    genesisHash: 'cd'.repeat(32) as Hex,
    endpoints: [endpoint],
    profile: profileOf(order.profile),
    role: order.role,
    keysDir: join(dataDir, 'keys'),
    bootstrap: [],
    listen: null,
  };
}

it('goes on with an interrupted run from the same words, though the chain is away and its stake is spent', async () => {
  await ownKeys();
  const order = orderFor(first);
  const { desk, start } = deskAfter(await originOf(order));
  await expect(desk.join(order)).resolves.toBe('the run');
  expect(start).toHaveBeenCalledOnce();
  const [origin, consent] = start.mock.calls[0] ?? [];
  // On the chain of before, and for no other place than the first.
  expect(origin).toMatchObject({ genesisHash: 'cd'.repeat(32) });
  expect(consent).toEqual({ registrationLimitRao: null, stakeRao: 5n, isConsentFresh: false });
});

it('pays nothing for the same words with a window', async () => {
  await ownKeys();
  const order = { ...orderFor(first), mayPay: false, registrationLimitRao: 5n as Rao };
  const { desk, start } = deskAfter(await originOf(order));
  await desk.join(order);
  expect(start.mock.calls[0]?.[1]).toBe(NOTHING_PAID);
});

it.each([
  ['nothing', () => null],
  ['another role', () => originOf(orderFor(first, 'validator'))],
  ['another network', () => originOf({ ...orderFor(first), networkName: 'elsewhere' })],
  ['another profile', () => originOf(orderFor(second))],
  ['a practice', () => ({ kind: 'practice' }) as const],
])('weighs anew where %s was interrupted', async (_what, before) => {
  await ownKeys();
  const { desk, start } = deskAfter(await before());
  await expect(desk.join(orderFor(first))).rejects.toMatchObject({
    code: 'ENDPOINT_NO_CHAIN',
    params: { endpoint },
  });
  expect(start).not.toHaveBeenCalled();
});

const FINNEY = '2f0555cc76fc2840a25a6ea3b9637146806f1f44b090c175ffde2a7e5ab36c03';
const OWN_CHAIN = 'ab'.repeat(32);

/** A chain that answers, with this hotkey registered on it. */
function shareOf(hotkey: Ss58, genesisHash = OWN_CHAIN, calls: readonly string[] = []): NetworkShare {
  const foreign = encodeIdentityField({ tag: 'ef'.repeat(8) as Hex, peerKey: 'ab'.repeat(32) as Hex });
  const chain = {
    genesisHash,
    snapshot: {
      block: { number: 5, hash: 'cd'.repeat(32) },
      neurons: [{ hotkey, coldkey: hotkey, uid: 0 }],
      subnet: { burnRao: 5n },
    },
    callIndexes: () => new Map(calls.map((name) => [name, '0700'])),
    subnet: async () => ({}),
    balance: async () => (10n ** 12n) as Rao,
    stake: async () => 0n as AlphaRao,
    // Its own word of another run, of before: what others would have said, had there been any.
    commitments: async (asked: readonly Ss58[]) =>
      new Map(asked.map((one) => [one, { block: 1, fields: [foreign] }])),
  } as unknown as ConnectedChain;
  return {
    network: { genesisHash },
    subnet: async () => chain,
    release: async () => undefined,
  } as unknown as NetworkShare;
}

const nobody = 'nobody' as Ss58;

it.each([
  ['', 'KEYS_FOLDER_WITHOUT_KEYS'],
  ['half/typed', 'KEYS_FOLDER_WITHOUT_KEYS'],
  [null, 'KEYS_NOT_MADE'],
])('makes nothing by being asked what joining takes, with %j for a folder', async (below, code) => {
  const { desk } = deskAfter(null, async () => shareOf(nobody));
  const keysFolder = below === null ? null : join(dataDir, below);
  await expect(desk.quote({ ...orderFor(first), keysFolder })).rejects.toMatchObject({ code });
  expect(await readdir(dataDir)).toEqual([]);
});

it('makes keys of its own when asked to, below its folder, whatever the network is called', async () => {
  const { desk } = deskAfter(null, async () => shareOf(nobody));
  const request = { ...orderFor(first), networkName: '../outside' };
  await desk.makeKeys(request);
  const { hotkey, coldkeyFile } = await desk.quote(request);
  expect(coldkeyFile).toBe('open');
  await desk.makeKeys(request);
  expect((await desk.quote(request)).hotkey).toBe(hotkey);
  expect(await readdir(dataDir)).toEqual(['keys']);
});

it('neither makes nor uses keys of its own on a real network, whatever it is called', async () => {
  const { desk } = deskAfter(null, async () => shareOf(nobody, FINNEY));
  const refused = { code: 'KEYS_FOLDER_NEEDED', params: { network: 'finney' } };
  await expect(desk.makeKeys(orderFor(first))).rejects.toMatchObject(refused);
  expect(await readdir(dataDir)).toEqual([]);
  await ownKeys();
  await expect(desk.quote(orderFor(first))).rejects.toMatchObject(refused);
  await expect(desk.join(orderFor(first))).rejects.toMatchObject(refused);
});

it.each([
  [['SubtensorModule.register_limit'], true],
  [['SubtensorModule.burned_register'], false],
])('tells whether the chain itself caps the price: %j', async (calls, capsPrice) => {
  await ownKeys();
  const { desk } = deskAfter(null, async () => shareOf(nobody, OWN_CHAIN, calls));
  expect(await desk.quote(orderFor(first))).toMatchObject({ capsPrice });
});

it('refuses a stake that it cannot give, and does not join without it', async () => {
  const keysFolder = join(dataDir, 'brought');
  const hotkey = await openVault({ dir: keysFolder }).ensureHotkey(HOTKEY);
  const { desk, start } = deskAfter(null, async () => shareOf(hotkey));
  const profile = {
    kind: 'file',
    text: JSON.stringify(
      practiceProfile({
        ...{ witness: hotkey, ownerColdkey: hotkey, genesis: OWN_CHAIN as Hex },
        ...{ endpoint, bootstrap: [] },
      }),
    ),
  } as const;
  const order = { ...orderFor(first), profile, keysFolder };
  await expect(desk.join(order)).rejects.toMatchObject({ code: 'STAKE_NOT_HERE' });
  expect(start).not.toHaveBeenCalled();
  await expect(desk.join({ ...order, stakeRao: null })).resolves.toBe('the run');
});

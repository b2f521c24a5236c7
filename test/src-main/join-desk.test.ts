import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { profileOf } from '../../src-main/join/read-profile.ts';
import { type JoinOrder, openJoinDesk } from '../../src-main/join-desk.ts';
import type { ConnectedChain } from '../../src-main/network/client.ts';
import type { NetworkShare, Networks } from '../../src-main/network/networks.ts';
import type { RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { HOTKEY } from '../../src-main/vault/key-names.ts';
import { openVault } from '../../src-main/vault/vault.ts';
import type { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
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
  registrationLimitRao: null,
  stakeRao: 5n as Rao,
  bootstrap: null,
  listen: null,
});

/** A desk on a chain that does not answer, with one run that was interrupted. */
function deskAfter(
  interrupted: RunOrigin | null,
  open: () => Promise<NetworkShare> = () => Promise.reject(new AppError('CHAIN_UNREACHABLE', { endpoint })),
) {
  const start = vi.fn((_origin: RunOrigin, _consent: unknown) => Promise.resolve({ id: 'the run' }));
  const desk = openJoinDesk({
    dataDir,
    networks: { open } as unknown as Networks,
    runs: { live: new Map(), interrupted: () => interrupted, start } as unknown as Runs,
    keeper: { update: () => undefined } as unknown as ViewKeeper,
    settings: () => ({}) as SettingValues,
    signal: new AbortController().signal,
  });
  return { desk, start };
}

async function originOf(order: JoinOrder): Promise<RunOrigin> {
  return {
    kind: 'joined',
    networkName: order.networkName,
    endpoints: [endpoint],
    profile: profileOf(order.profile),
    role: order.role,
    keysDir: join(dataDir, 'keys'),
    bootstrap: [],
    listen: null,
  };
}

it('goes on with an interrupted run from the same words, though the chain is away and its stake is spent', async () => {
  const order = orderFor(first);
  const { desk, start } = deskAfter(await originOf(order));
  await expect(desk.join(order)).resolves.toBe('the run');
  expect(start).toHaveBeenCalledOnce();
});

it.each([
  ['nothing', () => null],
  ['another role', () => originOf(orderFor(first, 'validator'))],
  ['another network', () => originOf({ ...orderFor(first), networkName: 'elsewhere' })],
  ['another profile', () => originOf(orderFor(second))],
  ['a practice', () => ({ kind: 'practice' }) as const],
])('weighs anew where %s was interrupted', async (_what, before) => {
  const { desk, start } = deskAfter(await before());
  await expect(desk.join(orderFor(first))).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  expect(start).not.toHaveBeenCalled();
});

it('keeps its own keys below its folder, whatever a network is called', async () => {
  const { desk } = deskAfter(null);
  const request = { ...orderFor(first), networkName: '../outside' };
  await expect(desk.quote(request)).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  expect(await readdir(dataDir)).toEqual(['keys']);
});

it('refuses a stake that it cannot give, and does not join without it', async () => {
  const keysFolder = join(dataDir, 'brought');
  const hotkey = await (await openVault({ dir: keysFolder })).ensureHotkey(HOTKEY);
  const foreign = encodeIdentityField({ tag: 'ef'.repeat(8) as Hex, peerKey: 'ab'.repeat(32) as Hex });
  const chain = {
    genesisHash: 'ab'.repeat(32),
    snapshot: { block: { number: 5, hash: 'cd'.repeat(32) }, neurons: [{ hotkey, coldkey: hotkey, uid: 0 }] },
    subnet: async () => ({}),
    balance: async () => (10n ** 12n) as Rao,
    stake: async () => 0n as AlphaRao,
    // Its own word of another run, of before: what others would have said, had there been any.
    commitments: async (asked: readonly Ss58[]) =>
      new Map(asked.map((one) => [one, { block: 1, fields: [foreign] }])),
  } as unknown as ConnectedChain;
  const share = { subnet: async () => chain, release: async () => undefined } as unknown as NetworkShare;
  const { desk, start } = deskAfter(null, async () => share);
  const profile = {
    kind: 'file',
    text: JSON.stringify(practiceProfile({ witness: hotkey, ownerColdkey: hotkey, endpoint, bootstrap: [] })),
  } as const;
  const order = { ...orderFor(first), profile, keysFolder };
  await expect(desk.join(order)).rejects.toMatchObject({ code: 'STAKE_NOT_HERE' });
  expect(start).not.toHaveBeenCalled();
  await expect(desk.join({ ...order, stakeRao: null })).resolves.toBe('the run');
});

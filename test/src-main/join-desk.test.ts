import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { profileOf } from '../../src-main/join/read-profile.ts';
import { type JoinOrder, openJoinDesk } from '../../src-main/join-desk.ts';
import type { Networks } from '../../src-main/network/networks.ts';
import type { RunOrigin } from '../../src-main/runs/kept-runs.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import type { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { shippedProfileNames } from '../../src-shared/profile/shipped.ts';
import type { SettingValues } from '../../src-shared/settings.ts';
import type { Rao } from '../../src-shared/units.ts';

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
function deskAfter(interrupted: RunOrigin | null) {
  const start = vi.fn((_origin: RunOrigin, _consent: unknown) => Promise.resolve({ id: 'the run' }));
  const desk = openJoinDesk({
    dataDir,
    networks: {
      open: () => Promise.reject(new AppError('CHAIN_UNREACHABLE', { endpoint })),
    } as unknown as Networks,
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

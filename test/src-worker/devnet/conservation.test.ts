import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Executor } from '../../../src-worker/devnet/chain/executor.ts';
import { buildGenesis } from '../../../src-worker/devnet/chain/genesis.ts';
import { Overlay } from '../../../src-worker/devnet/chain/overlay.ts';
import { balancesStorage, freeRao } from '../../../src-worker/devnet/runtime/balances.ts';
import { Failure } from '../../../src-worker/devnet/runtime/failure.ts';
import type { Call } from '../../../src-worker/devnet/runtime/pallet.ts';
import { type Release, release393, release425 } from '../../../src-worker/devnet/runtime/release.ts';
import { Runtime } from '../../../src-worker/devnet/runtime/runtime.ts';
import type { Store } from '../../../src-worker/devnet/runtime/store.ts';
import { described } from '../../../src-worker/devnet/runtime/subtensor/described.ts';
import { owedTo } from '../../../src-worker/devnet/runtime/subtensor/root-claims.ts';
import { rootItems } from '../../../src-worker/devnet/runtime/subtensor/root-items.ts';
import { stakeOf } from '../../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { toHex } from '../../../src-worker/devnet/scale/hex.ts';
import { runs } from '../../runs.ts';
import { NETUID, options, owner } from './genesis.ts';

const account = (n: number): string => `0x${n.toString(16).padStart(2, '0').repeat(32)}`;
const PEOPLE = [1, 2, 3].map(account);
const HOTKEYS = [11, 12, 13, 14, 15].map(account);
const START_CALL: Call = {
  type: 'SubtensorModule',
  value: { type: 'start_call', value: { netuid: NETUID } },
};

interface Step {
  readonly who: number;
  readonly hotkey: number;
  readonly kind: 'register' | 'buy' | 'sell' | 'weigh' | 'transfer' | 'root' | 'unroot' | 'claim';
  readonly part: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.integer({ min: 0, max: 2 }),
  hotkey: fc.integer({ min: 0, max: 4 }),
  kind: fc.constantFrom('register', 'buy', 'sell', 'weigh', 'transfer', 'root', 'unroot', 'claim'),
  part: fc.integer({ min: 0, max: 1_000 }),
});

function callOf(store: Store, { who, hotkey, kind, part }: Step): readonly [origin: string, call: Call] {
  const person = PEOPLE[who]!;
  const key = HOTKEYS[hotkey]!;
  const staked = store.get(subnets.StakingHotkeys, person);
  const backed = staked[hotkey % Math.max(1, staked.length)] ?? key;
  const module = (type: string, value: unknown): Call => ({
    type: 'SubtensorModule',
    value: { type, value },
  });
  const count = store.get(subnets.SubnetworkN, NETUID);
  if (kind === 'register') return [person, module('burned_register', { netuid: NETUID, hotkey: key })];
  if (kind === 'buy') {
    const amount = (freeRao(store, person) * BigInt(part)) / 1_000n;
    return [person, module('add_stake', { hotkey: key, netuid: NETUID, amount_staked: amount })];
  }
  if (kind === 'sell') {
    const amount = (stakeOf(store, backed, person, NETUID) * BigInt(part)) / 1_000n;
    return [person, module('remove_stake', { hotkey: backed, netuid: NETUID, amount_unstaked: amount })];
  }
  if (kind === 'root') {
    const amount = (freeRao(store, person) * BigInt(part)) / 1_000n;
    return [person, module('add_stake', { hotkey: key, netuid: 0, amount_staked: amount })];
  }
  if (kind === 'unroot') {
    const amount = (stakeOf(store, backed, person, 0) * BigInt(part)) / 1_000n;
    return [person, module('remove_stake', { hotkey: backed, netuid: 0, amount_unstaked: amount })];
  }
  if (kind === 'claim') return [person, module('claim_root', { subnets: [NETUID] })];
  if (kind === 'weigh')
    return [
      key,
      module('set_weights', {
        netuid: NETUID,
        dests: [part % Math.max(1, count)],
        weights: [1],
        version_key: 0n,
      }),
    ];
  const value = {
    dest: { type: 'Id', value: account(part) },
    value: (freeRao(store, person) * BigInt(part)) / 1_000n,
  };
  return [person, { type: 'Balances', value: { type: 'transfer_allow_death', value } }];
}

/**
 * All TAO is in accounts or pools. Alpha outside the pool is behind a hotkey, waits to be paid out or can be claimed;
 * what is left of it, claims that were left behind on root, belongs to nobody.
 */
function expectConserved(store: Store, hotkeys: readonly string[]): void {
  const pool = store.get(subnets.SubnetTAO, NETUID) + store.get(subnets.SubnetTAO, 0);
  expect(store.get(balancesStorage.TotalIssuance) + pool).toBe(store.get(subnets.TotalIssuance));
  expect(store.get(subnets.TotalStake)).toBe(pool);
  const held = hotkeys.reduce((sum, hotkey) => sum + store.get(subnets.TotalHotkeyAlpha, hotkey, NETUID), 0n);
  const onRoot = hotkeys.reduce((sum, hotkey) => sum + store.get(subnets.TotalHotkeyAlpha, hotkey, 0), 0n);
  expect(store.get(subnets.SubnetTAO, 0)).toBe(onRoot);
  expect(store.get(subnets.SubnetAlphaOut, 0)).toBe(onRoot);
  const pending = [
    subnets.PendingOwnerCut,
    subnets.PendingServerEmission,
    subnets.PendingValidatorEmission,
    subnets.PendingRootAlphaDivs,
  ];
  const waiting = pending.reduce((sum, pot) => sum + store.get(pot, NETUID), 0n);
  const claimable = hotkeys
    .flatMap((hotkey) => PEOPLE.map((person) => owedTo(store, hotkey, person, NETUID)))
    .reduce((sum, owed) => sum + owed, 0n);
  const left = store.get(subnets.SubnetAlphaOut, NETUID) - held - waiting - claimable;
  const hasRates = hotkeys.some((hotkey) => store.get(rootItems.RootClaimable, hotkey).length > 0);
  if (hasRates) expect(left).toBeGreaterThanOrEqual(0n);
  else expect(left).toBe(0n);
}

const runtimeOf = (release: Release) =>
  new Runtime(
    { blockMs: 1_000, netuids: [NETUID], rules: { refuseLoopbackAxons: false, beaconSecret: 38n } },
    release,
  );

test.each<[name: string, releaseOf: (block: number) => Release]>([
  ['of 393', () => release393],
  ['of 425', () => release425],
  ['of both, one after the other', (block) => (block < 8 ? release393 : release425)],
])('no sequence of calls and blocks %s makes or loses TAO or alpha', (_name, releaseOf) => {
  const runtime = runtimeOf(release393);
  const runtimes = new Map([runtime, runtimeOf(release425)].map((each) => [each.release, each]));
  const genesis = new Map(
    buildGenesis(
      v.parse(
        devnetInitSchema,
        options(
          {},
          {
            maxUids: 4,
            minNonImmuneUids: 0,
            immunityPeriod: 3,
            weightsSetRateLimit: 1,
            movingPriceRao: 2_000_000_000n,
          },
        ),
      ),
      runtime,
    ).changes,
  );
  const steps = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 12, maxLength: 40 });
  fc.assert(
    fc.property(steps, (blocks) => {
      const state = new Map(genesis);
      const ownerHotkey = runtime
        .store({ read: (key) => state.get(key) ?? null, write: () => {} })
        .get(subnets.SubnetOwnerHotkey, NETUID);
      for (const [i, calls] of blocks.entries()) {
        const overlay = new Overlay(
          (key) => state.get(key) ?? null,
          (prefix) => [...state.keys()].filter((key) => key.startsWith(prefix)),
        );
        const executor = new Executor(runtimes.get(releaseOf(i + 1)) ?? runtime, overlay, i + 1);
        executor.initialize(account(0), 0);
        if (i === 0) {
          for (const person of PEOPLE) executor.fund({ account: person, amountRao: 5_000_000_000_000n });
          executor.context.dispatch(toHex(owner.publicKey), START_CALL);
          // Burnt, what the owner's miner earns would be out there and nobody's.
          executor.context.store.put(described.RecycleOrBurn, { type: 'Recycle', value: undefined }, NETUID);
        }
        for (const each of calls) attempt(executor, callOf(executor.context.store, each));
        executor.finish();
        expectConserved(executor.context.store, [...HOTKEYS, ownerHotkey]);
        for (const [key, value] of overlay.changes())
          value === null ? state.delete(key) : state.set(key, value);
      }
    }),
    { numRuns: runs(20, 200) },
  );
  for (const kind of [
    'burned_register',
    'add_stake',
    'remove_stake',
    'set_weights',
    'transfer_allow_death',
    'claim_root',
  ]) {
    expect(succeeded.get(kind), kind).toBeGreaterThan(10);
  }
});

/** How often each kind of call succeeded: a property over refusals alone would prove nothing. */
const succeeded = new Map<string, number>();

function attempt(executor: Executor, [origin, call]: readonly [string, Call]): void {
  try {
    executor.context.nested(() => executor.context.dispatch(origin, call));
    succeeded.set(call.value.type, (succeeded.get(call.value.type) ?? 0) + 1);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
  }
}

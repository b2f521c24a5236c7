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
import { Runtime } from '../../../src-worker/devnet/runtime/runtime.ts';
import type { Store } from '../../../src-worker/devnet/runtime/store.ts';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { toHex } from '../../../src-worker/devnet/scale/hex.ts';
import { NETUID, options, owner } from './genesis.ts';
import { runs } from './runs.ts';

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
  readonly kind: 'register' | 'buy' | 'sell' | 'weigh' | 'transfer';
  readonly part: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.integer({ min: 0, max: 2 }),
  hotkey: fc.integer({ min: 0, max: 4 }),
  kind: fc.constantFrom('register', 'buy', 'sell', 'weigh', 'transfer'),
  part: fc.integer({ min: 0, max: 1_000 }),
});

function callOf(store: Store, { who, hotkey, kind, part }: Step): readonly [origin: string, call: Call] {
  const person = PEOPLE[who]!;
  const key = HOTKEYS[hotkey]!;
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
    const amount = (store.get(subnets.TotalHotkeyAlpha, key, NETUID) * BigInt(part)) / 1_000n;
    return [person, module('remove_stake', { hotkey: key, netuid: NETUID, amount_unstaked: amount })];
  }
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

/** All TAO is in accounts or pools; all alpha outside the pool is behind a hotkey or waits to be paid out. */
function expectConserved(store: Store, hotkeys: readonly string[]): void {
  const pool = store.get(subnets.SubnetTAO, NETUID);
  expect(store.get(balancesStorage.TotalIssuance) + pool).toBe(store.get(subnets.TotalIssuance));
  expect(store.get(subnets.TotalStake)).toBe(pool);
  const held = hotkeys.reduce((sum, hotkey) => sum + store.get(subnets.TotalHotkeyAlpha, hotkey, NETUID), 0n);
  const pending = [subnets.PendingOwnerCut, subnets.PendingServerEmission, subnets.PendingValidatorEmission];
  const waiting = pending.reduce((sum, pot) => sum + store.get(pot, NETUID), 0n);
  expect(held + waiting).toBe(store.get(subnets.SubnetAlphaOut, NETUID));
}

test('no sequence of calls and blocks makes or loses TAO or alpha', () => {
  const runtime = new Runtime({
    blockMs: 1_000,
    netuids: [NETUID],
    rules: { refuseLoopbackAxons: false, beaconSecret: 38n },
  });
  const genesis = new Map(
    buildGenesis(
      v.parse(
        devnetInitSchema,
        options({}, { maxUids: 4, minNonImmuneUids: 0, immunityPeriod: 3, weightsSetRateLimit: 1 }),
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
        const executor = new Executor(runtime, overlay, i + 1);
        executor.initialize(account(0), 0);
        if (i === 0) {
          for (const person of PEOPLE) executor.fund({ account: person, amountRao: 5_000_000_000_000n });
          executor.context.dispatch(toHex(owner.publicKey), START_CALL);
        }
        for (const each of calls) attempt(executor, callOf(executor.context.store, each));
        executor.finish();
        expectConserved(executor.context.store, [...HOTKEYS, ownerHotkey]);
        for (const [key, value] of overlay.changes())
          value === null ? state.delete(key) : state.set(key, value);
      }
    }),
    runs(200),
  );
  for (const kind of [
    'burned_register',
    'add_stake',
    'remove_stake',
    'set_weights',
    'transfer_allow_death',
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

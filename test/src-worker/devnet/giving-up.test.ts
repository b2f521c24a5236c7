import { describe, expect, test } from 'vitest';
import { feeOf } from '../../../src-worker/devnet/economy/pool.ts';
import { freeRao } from '../../../src-worker/devnet/runtime/balances.ts';
import { stakeOf } from '../../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, type Model, NETUID, openModel, optionsOf, refusal, TAO } from './model.ts';

const OTHER = 39;
const [owner, hotkey, alice] = [account(0).hex, account(1).hex, account(21).hex];

/** Two subnets, and stake of one coldkey on both and on root. */
function open(): Model {
  const [first] = optionsOf().subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const model = openModel({ subnets: [first, { ...first, netuid: OTHER, ownerHotkey: account(2).ss58 }] });
  for (const netuid of [NETUID, OTHER]) expect(model.send(owner, 'start_call', { netuid })).toBeNull();
  for (const who of [alice, owner]) model.fund(who, 10_000n);
  for (const netuid of [0, NETUID, OTHER])
    expect(model.send(alice, 'add_stake', { hotkey, netuid, amount_staked: 10n * TAO })).toBeNull();
  return model;
}

const held = ({ chain }: Model, netuid: number, who = alice) => stakeOf(chain.store, hotkey, who, netuid);

describe('all of it at once', () => {
  test('leaves every subnet and root for the balance', () => {
    const model = open();
    const before = freeRao(model.chain.store, alice);
    expect(model.send(alice, 'unstake_all', { hotkey })).toBeNull();
    expect([0, NETUID, OTHER].map((netuid) => held(model, netuid))).toEqual([0n, 0n, 0n]);
    const back = Number(freeRao(model.chain.store, alice) - before) / 1e9;
    // 10 of root whole; of the others the fee of 33 / 65535 twice, and what the price has moved by since.
    expect(back).toBeGreaterThan(29.9);
    expect(back).toBeLessThan(30.1);
    expect(model.send(alice, 'unstake_all', { hotkey })).toBeNull();
    expect(model.send(alice, 'unstake_all', { hotkey: account(99).hex })).toBe('HotKeyAccountNotExists');
  });

  test('or becomes TAO on root behind the same hotkey, what was there untouched', () => {
    const model = open();
    const { store } = model.chain;
    const before = freeRao(store, alice);
    model.chain.block((executor) => {
      const read = executor.context.store;
      const worth = [NETUID, OTHER].map((netuid) => {
        const alpha = stakeOf(read, hotkey, alice, netuid);
        const [y, x] = [read.get(subnets.SubnetTAO, netuid), read.get(subnets.SubnetAlphaIn, netuid)];
        const paid = alpha - feeOf(alpha);
        return (y * paid) / (x + paid);
      });
      const root = read.get(subnets.SubnetTAO, 0);
      expect(refusal(executor, alice, 'unstake_all_alpha', { hotkey })).toBeNull();
      const moved = (worth[0] ?? 0n) + (worth[1] ?? 0n);
      expect(stakeOf(read, hotkey, alice, 0)).toBe(10n * TAO + moved);
      expect(read.get(subnets.SubnetTAO, 0)).toBe(root + moved);
    });
    expect(freeRao(store, alice)).toBe(before);
    expect(model.send(alice, 'unstake_all_alpha', { hotkey })).toBe('AmountTooLow');
  });
});

describe('alpha that is given up', () => {
  test('may be emitted once more where it is recycled, and never where it is burnt', () => {
    const model = open();
    model.chain.block((executor) => {
      const { store } = executor.context;
      const out = () => store.get(subnets.SubnetAlphaOut, NETUID);
      const [before, mine] = [out(), stakeOf(store, hotkey, alice, NETUID)];
      const give = (call: string, amount: bigint, netuid = NETUID) =>
        refusal(executor, alice, call, { hotkey, amount, netuid });
      expect(give('recycle_alpha', 1_000n)).toBeNull();
      expect([out(), stakeOf(store, hotkey, alice, NETUID)]).toEqual([before - 1_000n, mine - 1_000n]);
      expect(give('burn_alpha', 500n)).toBeNull();
      expect([out(), stakeOf(store, hotkey, alice, NETUID)]).toEqual([before - 1_000n, mine - 1_500n]);
      // More than is held is all that is held.
      expect(give('burn_alpha', 2n ** 63n)).toBeNull();
      expect(stakeOf(store, hotkey, alice, NETUID)).toBe(0n);
      expect(give('recycle_alpha', 1n, 0)).toBe('CannotBurnOrRecycleOnRootSubnet');
      expect(give('burn_alpha', 1n, 7)).toBe('SubnetNotExists');
    });
  });

  test('is bought for it by the subnet’s owner, once a tempo, never beyond its limit', () => {
    const model = open();
    const { store } = model.chain;
    const burn = (who: string, limit: bigint | null) =>
      model.send(who, 'add_stake_burn', { hotkey, netuid: NETUID, amount: 5n * TAO, limit });
    expect(burn(alice, null)).toBe('BadOrigin');
    expect(burn(owner, 1_000n)).toBe('ZeroMaxStakeAmount');
    const [free, mine] = [freeRao(store, owner), held(model, NETUID, owner)];
    const [tao, unowned] = [store.get(subnets.SubnetTAO, NETUID), ownerless(model)];
    expect(burn(owner, TAO)).toBeNull();
    expect(freeRao(store, owner)).toBe(free - 5n * TAO);
    expect(store.get(subnets.SubnetTAO, NETUID)).toBeGreaterThanOrEqual(tao + 5n * TAO);
    expect(held(model, NETUID, owner) - mine).toBeLessThan(2n * TAO);
    expect(ownerless(model) - unowned).toBeGreaterThan(40n * TAO);
    expect(burn(owner, null)).toBe('AddStakeBurnRateLimitExceeded');
    model.pass(7);
    expect(burn(owner, null)).toBe('AddStakeBurnRateLimitExceeded');
    expect(burn(owner, null)).toBeNull();
  });
});

/** Alpha that has been emitted and is neither behind a hotkey nor waits. */
function ownerless({ chain: { store } }: Model): bigint {
  const pots = [subnets.PendingOwnerCut, subnets.PendingServerEmission, subnets.PendingValidatorEmission];
  const waiting = pots.reduce((sum, pot) => sum + store.get(pot, NETUID), 0n);
  return (
    store.get(subnets.SubnetAlphaOut, NETUID) - store.get(subnets.TotalHotkeyAlpha, hotkey, NETUID) - waiting
  );
}

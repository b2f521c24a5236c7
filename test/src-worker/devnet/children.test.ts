import { describe, expect, test } from 'vitest';
import { childrenItems, type Kin } from '../../../src-worker/devnet/runtime/subtensor/children-items.ts';
import { backingOf } from '../../../src-worker/devnet/runtime/subtensor/inheritance.ts';
import { addStake } from '../../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, type Model, NETUID, openModel, TAO } from './model.ts';

const WHOLE = 2n ** 64n - 1n;
const HALF = WHOLE / 2n;
const [child, validator] = [account(11), account(12)];
const parent = account(13).hex;
const [workers, lender] = [account(20), account(21).hex];

/** Two validators with a place, and a hotkey of another owner that has stake and none. */
function open(): Model {
  const seat = (hotkey: string, alpha: bigint) => ({
    hotkey,
    coldkey: workers.ss58,
    stakeAlpha: alpha * TAO,
    validatorPermit: true,
  });
  const model = openModel({}, { neurons: [seat(child.ss58, 50n), seat(validator.ss58, 100n)] });
  expect(model.send(account(0).hex, 'start_call', { netuid: NETUID })).toBeNull();
  model.chain.block(({ context: { store } }) => {
    store.put(subnets.Owner, lender, parent);
    addStake(store, parent, lender, NETUID, 100n * TAO);
    store.change(subnets.SubnetAlphaOut, (out) => out + 100n * TAO, NETUID);
    store.put(childrenItems.PendingChildKeyCooldown, 20n);
  });
  return model;
}

const wish = (model: Model, children: Kin, who = lender, hotkey = parent, netuid = NETUID) =>
  model.send(who, 'set_children', { hotkey, netuid, children });

function passEpoch(model: Model): void {
  const step = () => model.chain.store.get(subnets.LastMechansimStepBlock, NETUID);
  for (const before = step(); step() === before; ) model.pass(1);
}

const alphaOf = ({ chain }: Model, hotkey: string) =>
  chain.store.get(subnets.TotalHotkeyAlpha, hotkey, NETUID);

describe('children', () => {
  test('hold from the first epoch after their cooldown on, and both sides know', () => {
    const model = open();
    const { store } = model.chain;
    model.pass(1);
    expect(wish(model, [[HALF, child.hex]])).toBeNull();
    const [children, after] = store.get(childrenItems.PendingChildKeys, NETUID, parent);
    expect(children).toEqual([[HALF, child.hex]]);
    while (store.get(childrenItems.ChildKeys, parent, NETUID).length === 0) passEpoch(model);
    const at = store.get(subnets.LastMechansimStepBlock, NETUID);
    expect(at).toBeGreaterThan(after);
    expect(at - after).toBeLessThanOrEqual(11n);
    expect(store.get(childrenItems.ChildKeys, parent, NETUID)).toEqual([[HALF, child.hex]]);
    expect(store.get(childrenItems.ParentKeys, child.hex, NETUID)).toEqual([[HALF, parent]]);
    expect(store.has(childrenItems.PendingChildKeys, NETUID, parent)).toBe(false);
    // Half of 2^64 - 1 is half a rao less than half.
    const lent = (alphaOf(model, parent) * HALF) / WHOLE;
    expect(backingOf(store, child.hex, NETUID).alpha).toBe(alphaOf(model, child.hex) + lent);
    expect(backingOf(store, parent, NETUID).alpha).toBe(alphaOf(model, parent) - lent);
  });

  test('earn for their parents by stake, less the take that they have of others', () => {
    const model = open();
    const { store } = model.chain;
    model.chain.block(({ context }) => context.store.put(childrenItems.PendingChildKeyCooldown, 0n));
    expect(
      model.send(workers.hex, 'set_childkey_take', { hotkey: child.hex, netuid: NETUID, take: 5_898 }),
    ).toBeNull();
    expect(wish(model, [[HALF, child.hex]])).toBeNull();
    while (store.get(childrenItems.ChildKeys, parent, NETUID).length === 0) passEpoch(model);
    model.pass(10);
    const keys = [parent, child.hex, validator.hex];
    const before = keys.map((hotkey) => alphaOf(model, hotkey));
    const out = store.get(subnets.SubnetAlphaOut, NETUID);
    passEpoch(model);
    const gained = keys.map((hotkey, i) => Number(alphaOf(model, hotkey) - (before[i] ?? 0n)));
    const [p, c, v] = before.map(Number) as [number, number, number];
    const take = 5_898 / 65_535;
    // Nobody votes, so stake earns: the child's is its own and half of the parent's.
    const ofChild = (gained[2] ?? 0) * ((c + p / 2) / v);
    expect(gained[0]! / (ofChild * (p / 2 / (c + p / 2)) * (1 - take))).toBeCloseTo(1, 6);
    expect(gained[1]! / (ofChild * ((c + (p / 2) * take) / (c + p / 2)))).toBeCloseTo(1, 6);
    expect(store.get(subnets.AlphaDividendsPerSubnet, NETUID, parent)).toBeGreaterThan(0n);
    const held = [...keys, account(1).hex].reduce((sum, hotkey) => sum + alphaOf(model, hotkey), 0n);
    const pots = [
      subnets.PendingOwnerCut,
      subnets.PendingServerEmission,
      subnets.PendingValidatorEmission,
    ].reduce((sum, pot) => sum + store.get(pot, NETUID), 0n);
    expect(store.get(subnets.SubnetAlphaOut, NETUID)).toBe(held + pots);
    expect(out).toBeLessThan(held + pots);
  });

  test('of the same owner take nothing, and TAO on root is lent like alpha', () => {
    const model = open();
    const { store } = model.chain;
    model.chain.block(({ context }) => {
      context.store.put(childrenItems.PendingChildKeyCooldown, 0n);
      context.store.put(subnets.Owner, workers.hex, parent);
    });
    model.fund(lender, 5_000n);
    expect(
      model.send(lender, 'add_stake', { hotkey: parent, netuid: 0, amount_staked: 1_000n * TAO }),
    ).toBeNull();
    model.send(workers.hex, 'set_childkey_take', { hotkey: child.hex, netuid: NETUID, take: 11_796 });
    expect(wish(model, [[WHOLE, child.hex]], workers.hex)).toBeNull();
    while (store.get(childrenItems.ChildKeys, parent, NETUID).length === 0) passEpoch(model);
    expect(backingOf(store, child.hex, NETUID).tao).toBe(1_000n * TAO);
    expect(backingOf(store, parent, NETUID)).toEqual({ alpha: 0n, tao: 0n });
    const before = [parent, child.hex].map((hotkey) => alphaOf(model, hotkey));
    passEpoch(model);
    const gained = [parent, child.hex].map((hotkey, i) => Number(alphaOf(model, hotkey) - (before[i] ?? 0n)));
    // Root's part is recycled here, so both are paid for their alpha alone.
    expect(gained[0]! / gained[1]! / (Number(before[0]) / Number(before[1]))).toBeCloseTo(1, 6);
  });

  test('are refused by name where they do not fit', () => {
    const model = open();
    const some = (count: number): Kin => Array.from({ length: count }, (_, i) => [1n, account(50 + i).hex]);
    model.pass(1);
    expect(wish(model, some(1), workers.hex)).toBe('NonAssociatedColdKey');
    expect(wish(model, some(1), lender, parent, 0)).toBe('RegistrationNotPermittedOnRootSubnet');
    expect(wish(model, some(1), lender, parent, 7)).toBe('SubnetNotExists');
    expect(wish(model, [...some(1), ...some(1)])).toBe('DuplicateChild');
    expect(wish(model, [[1n, parent]])).toBe('InvalidChild');
    expect(wish(model, some(6))).toBe('TooManyChildren');
    expect(wish(model, [...some(1), [WHOLE, child.hex]])).toBe('ProportionOverflow');
    expect(wish(model, [[WHOLE, child.hex]])).toBeNull();
    expect(wish(model, some(1))).toBe('TxRateLimitExceeded');
    model.pass(160);
    expect(model.chain.store.get(childrenItems.ParentKeys, child.hex, NETUID)).toHaveLength(1);
    expect(wish(model, [[1n, parent]], workers.hex, child.hex)).toBe('ChildParentInconsistency');
    model.chain.block(({ context }) => context.store.put(subnets.StakeThreshold, 1_000n * TAO));
    expect(wish(model, some(1))).toBe('NotEnoughStakeToSetChildkeys');
    expect(wish(model, [])).toBeNull();
    model.pass(40);
    expect(model.chain.store.has(childrenItems.ChildKeys, parent, NETUID)).toBe(false);
    expect(model.chain.store.has(childrenItems.ParentKeys, child.hex, NETUID)).toBe(false);
  });

  test('follow a hotkey that takes another’s place, those that are only asked for too', () => {
    const model = open();
    const { store } = model.chain;
    model.chain.block(({ context: { store } }) => {
      store.put(childrenItems.ChildKeys, [[HALF, child.hex]], parent, NETUID);
      store.put(childrenItems.ParentKeys, [[HALF, parent]], child.hex, NETUID);
      store.put(childrenItems.PendingChildKeys, [[[1n, child.hex]], 1_000n], NETUID, parent);
    });
    const fresh = account(40).hex;
    model.fund(workers.hex, 10n);
    const swap = { hotkey: child.hex, new_hotkey: fresh, netuid: null };
    expect(model.send(workers.hex, 'swap_hotkey', swap)).toBeNull();
    expect(store.get(childrenItems.ChildKeys, parent, NETUID)).toEqual([[HALF, fresh]]);
    expect(store.get(childrenItems.ParentKeys, fresh, NETUID)).toEqual([[HALF, parent]]);
    expect(store.has(childrenItems.ParentKeys, child.hex, NETUID)).toBe(false);
    expect(store.get(childrenItems.PendingChildKeys, NETUID, parent)[0]).toEqual([[1n, fresh]]);
  });
});

test('takes rise to 18 % and only every 30 days, and fall at any time', () => {
  const model = open();
  const take = (call: string, value: number, who = workers.hex, hotkey = child.hex) =>
    model.send(who, call, { hotkey, take: value });
  model.pass(1);
  expect(take('decrease_take', 1_000, lender)).toBe('NonAssociatedColdKey');
  expect(take('decrease_take', 1_000, lender, account(77).hex)).toBe('HotKeyAccountNotExists');
  expect(take('decrease_take', 5_000)).toBeNull();
  expect(take('decrease_take', 5_000)).toBe('DelegateTakeTooLow');
  expect(take('increase_take', 5_000)).toBe('DelegateTakeTooLow');
  expect(take('increase_take', 11_797)).toBe('DelegateTakeTooHigh');
  expect(take('increase_take', 6_000)).toBeNull();
  expect(take('increase_take', 6_001)).toBe('DelegateTxRateLimitExceeded');
  expect(take('decrease_take', 0)).toBeNull();
  expect(model.chain.store.get(subnets.Delegates, child.hex)).toBe(0);
  const childTake = (value: number) =>
    model.send(workers.hex, 'set_childkey_take', { hotkey: child.hex, netuid: NETUID, take: value });
  expect(childTake(11_797)).toBe('InvalidChildkeyTake');
  expect([childTake(100), childTake(101), childTake(50)]).toEqual([
    null,
    'TxChildkeyTakeRateLimitExceeded',
    null,
  ]);
});

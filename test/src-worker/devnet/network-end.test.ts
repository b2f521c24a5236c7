import { describe, expect, test } from 'vitest';
import { balancesStorage, freeRao } from '../../../src-worker/devnet/runtime/balances.ts';
import { commitmentsStorage } from '../../../src-worker/devnet/runtime/commitments.ts';
import { childrenItems } from '../../../src-worker/devnet/runtime/subtensor/children-items.ts';
import { described } from '../../../src-worker/devnet/runtime/subtensor/described.ts';
import { flowItems } from '../../../src-worker/devnet/runtime/subtensor/flows.ts';
import { portions } from '../../../src-worker/devnet/runtime/subtensor/network-end.ts';
import { rootItems } from '../../../src-worker/devnet/runtime/subtensor/root-items.ts';
import { addStake, stakeOf } from '../../../src-worker/devnet/runtime/subtensor/stake.ts';
import { ROOT_NETUID, subnets } from '../../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, type Model, NETUID, openModel, optionsOf, TAO } from './model.ts';

const OTHER = 39;
const [owner, hotkey, alice, bob] = [account(0).hex, account(1).hex, account(21).hex, account(22).hex];

function open(prices: readonly bigint[] = [0n, 0n]): Model {
  const [first] = optionsOf().subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const all = [NETUID, OTHER].map((netuid, i) => ({
    ...first,
    netuid,
    ownerHotkey: account(1 + i).ss58,
    movingPriceRao: prices[i] ?? 0n,
  }));
  const model = openModel({ subnets: all });
  for (const netuid of [NETUID, OTHER]) expect(model.send(owner, 'start_call', { netuid })).toBeNull();
  for (const who of [alice, bob]) model.fund(who, 5_000n);
  return model;
}

/** All TAO is in accounts and pools, and what pools hold is staked. */
function expectBooksClosed({ chain: { store } }: Model, netuids: readonly number[]): void {
  const pools = netuids.reduce((sum, netuid) => sum + store.get(subnets.SubnetTAO, netuid), 0n);
  expect(store.get(subnets.TotalStake)).toBe(pools);
  expect(store.get(subnets.TotalIssuance)).toBe(store.get(balancesStorage.TotalIssuance) + pools);
}

/** Ends a subnet as the next block's first. */
const end = ({ chain }: Model, netuid: number) => chain.block((executor) => executor.dissolve(netuid));

describe('a subnet that ends', () => {
  test('pays its TAO out by alpha, to the last rao', () => {
    const model = open();
    const { store } = model.chain;
    const stake = (who: string, tao: bigint) =>
      model.send(who, 'add_stake', { hotkey, netuid: NETUID, amount_staked: tao * TAO });
    expect([stake(alice, 100n), stake(bob, 50n)]).toEqual([null, null]);
    const people = [alice, bob, owner];
    model.chain.block((executor) => {
      const read = executor.context.store;
      const pot = read.get(subnets.SubnetTAO, NETUID);
      const alpha = people.map((who) => stakeOf(read, hotkey, who, NETUID));
      const whole = alpha.reduce((sum, each) => sum + each, 0n);
      const before = people.map((who) => freeRao(read, who));
      executor.dissolve(NETUID);
      const paid = people.map((who, i) => freeRao(read, who) - (before[i] ?? 0n));
      expect(paid.reduce((sum, each) => sum + each, 0n)).toBe(pot);
      for (const [i, rao] of paid.entries()) {
        const exact = (pot * (alpha[i] ?? 0n)) / whole;
        expect(rao - exact).toBeGreaterThanOrEqual(0n);
        expect(rao - exact).toBeLessThanOrEqual(1n);
      }
    });
    expectBooksClosed(model, [ROOT_NETUID, OTHER]);
    // The other one goes on, and blocks are built.
    model.pass(30);
    expect(store.get(subnets.SubnetAlphaOut, OTHER)).toBeGreaterThan(30n * TAO);
    expectBooksClosed(model, [ROOT_NETUID, OTHER]);
  });

  test('gives the rao that do not divide to those who lose most by rounding', () => {
    // 100 by 3 : 2 : 1 is 50, 33 1/3, 16 2/3.
    expect(
      portions(100n, [
        ['a', 3n],
        ['b', 2n],
        ['c', 1n],
      ]),
    ).toEqual(
      new Map([
        ['a', 50n],
        ['b', 33n],
        ['c', 17n],
      ]),
    );
    expect(portions(100n, [])).toEqual(new Map());
  });

  test('without holders takes its TAO out of the world', () => {
    const model = open();
    const { store } = model.chain;
    const issued = store.get(subnets.TotalIssuance);
    model.chain.block((executor) => {
      const read = executor.context.store;
      for (const [key, coldkey, netuid] of read.keys(subnets.Alpha))
        if (netuid === OTHER) read.remove(subnets.Alpha, key, coldkey, netuid);
      executor.dissolve(OTHER);
    });
    expect(issued - store.get(subnets.TotalIssuance)).toBeGreaterThan(990n * TAO);
    expectBooksClosed(model, [ROOT_NETUID, NETUID]);
  });

  test('leaves nothing in storage that names it', () => {
    const model = open([2n * TAO, 0n]);
    const { store, block } = model.chain;
    expect(
      model.send(alice, 'add_stake', { hotkey, netuid: ROOT_NETUID, amount_staked: 10n * TAO }),
    ).toBeNull();
    block(({ context }) => {
      context.store.put(
        rootItems.RootClaimable,
        [
          [NETUID, { bits: 5n }],
          [OTHER, { bits: 7n }],
        ],
        hotkey,
      );
      context.store.put(rootItems.RootClaimed, 3n, NETUID, hotkey, alice);
      context.store.put(childrenItems.ChildKeys, [[1n, alice]], hotkey, NETUID);
      context.store.put(childrenItems.ChildKeys, [[2n, alice]], hotkey, OTHER);
      context.store.put(commitmentsStorage.LastCommitment, 5, NETUID, hotkey);
      context.store.put(commitmentsStorage.TimelockedIndex, [
        [NETUID, hotkey],
        [OTHER, hotkey],
      ]);
      context.store.put(subnets.AutoStakeDestination, hotkey, alice, NETUID);
      addStake(context.store, hotkey, alice, OTHER, 5n);
    });
    end(model, NETUID);
    const tables = {
      ...subnets,
      ...described,
      ...rootItems,
      ...childrenItems,
      ...flowItems,
      ...commitmentsStorage,
    };
    const left = block(({ context }) =>
      Object.entries(tables).flatMap(([name, entry]) => {
        const at = entry.keys.findIndex(([type]) => type === 'u16');
        const keys: unknown[][] = at < 0 ? [] : context.store.keys(entry as never);
        return keys.filter((each) => each[at] === NETUID).map(() => name);
      }),
    );
    expect(left).toEqual([]);
    expect(store.get(rootItems.RootClaimable, hotkey)).toEqual([[OTHER, { bits: 7n }]]);
    expect(store.get(commitmentsStorage.TimelockedIndex)).toEqual([[OTHER, hotkey]]);
    expect(store.get(childrenItems.ChildKeys, hotkey, OTHER)).toEqual([[2n, alice]]);
    expect(stakeOf(store, hotkey, alice, OTHER)).toBeGreaterThan(0n);
    expect(stakeOf(store, hotkey, alice, ROOT_NETUID)).toBe(10n * TAO);
    expect(model.send(alice, 'remove_stake', { hotkey, netuid: NETUID, amount_unstaked: 1n })).toBe(
      'SubnetNotExists',
    );
  });

  test('gives an owner of the chain’s first days the lock back, less what its cut is worth', () => {
    const model = open();
    const { store } = model.chain;
    model.chain.block((executor) => {
      const read = executor.context.store;
      read.put(described.NetworkRegistrationStartBlock, 1_000n);
      read.put(subnets.SubnetLocked, 5_000n * TAO, NETUID);
      // 10,000 alpha in the pool and 2,000 out: 18 % of them at a tenth of a TAO each.
      read.put(subnets.SubnetTAO, 1_000n * TAO, NETUID);
      read.put(subnets.SubnetAlphaIn, 10_000n * TAO, NETUID);
      read.put(subnets.SubnetAlphaOut, 2_000n * TAO, NETUID);
      const [before, issued] = [freeRao(read, owner), read.get(subnets.TotalIssuance)];
      executor.dissolve(NETUID);
      // Nobody but the owner holds alpha: the pool is its own too.
      const refund = 5_000 - 12_000 * (11_796 / 65_535) * 0.1;
      expect(Number(freeRao(read, owner) - before) / 1e9 - 1_000).toBeCloseTo(refund, 6);
      expect(Number(read.get(subnets.TotalIssuance) - issued) / 1e9).toBeCloseTo(refund, 6);
    });
    expect(store.get(subnets.SubnetLocked, NETUID)).toBe(0n);
  });
});

describe('where there are as many subnets as may be', () => {
  const register = (model: Model, key = account(60).hex) =>
    model.send(alice, 'register_network', { hotkey: key });
  const limit = (model: Model, immunity: bigint) =>
    model.chain.block(({ context }) => {
      context.store.put(subnets.SubnetLimit, 2);
      context.store.put(described.NetworkImmunityPeriod, immunity);
    });

  test('a new one takes the place of the cheapest that is not immune', () => {
    const model = open([TAO / 10n, TAO / 20n]);
    const { store } = model.chain;
    limit(model, 0n);
    expect(register(model)).toBeNull();
    expect(store.get(subnets.SubnetOwner, OTHER)).toBe(alice);
    expect(store.get(subnets.SubnetOwner, NETUID)).toBe(owner);
    expect(store.get(subnets.TotalNetworks)).toBe(3);
    expect(store.get(subnets.SubtokenEnabled, OTHER)).toBe(false);
    expect(store.get(subnets.SubnetTAO, OTHER)).toBe(1_000n * TAO);
    expect(store.get(subnets.SubnetworkN, OTHER)).toBe(1);
    expectBooksClosed(model, [ROOT_NETUID, NETUID, OTHER]);
    model.pass(30);
    expectBooksClosed(model, [ROOT_NETUID, NETUID, OTHER]);
  });

  test('the older goes of two at one price, and none while all are immune', () => {
    const model = open();
    const { store } = model.chain;
    limit(model, 1_000n);
    const issued = freeRao(store, alice);
    expect(register(model)).toBe('SubnetLimitReached');
    expect(freeRao(store, alice)).toBe(issued);
    limit(model, 0n);
    model.chain.block(({ context }) => {
      for (const netuid of [NETUID, OTHER])
        context.store.put(subnets.SubnetMovingPrice, { bits: 9n }, netuid);
      context.store.put(subnets.FirstEmissionBlockNumber, 10_000n, NETUID);
      context.store.put(subnets.FirstEmissionBlockNumber, 10_000n, OTHER);
      context.store.put(subnets.NetworkRegisteredAt, 3n, NETUID);
      context.store.put(subnets.NetworkRegisteredAt, 2n, OTHER);
    });
    expect(register(model)).toBeNull();
    expect(store.get(subnets.SubnetOwner, OTHER)).toBe(alice);
  });

  test('a free number below is found again, however many have ended', () => {
    const model = open();
    const { store } = model.chain;
    model.chain.block(({ context }) => context.store.put(subnets.NetworkRateLimit, 0n));
    model.fund(alice, 100_000n);
    for (let n = 0; n < 4; n++) {
      model.chain.block(({ context }) => context.store.put(subnets.NetworkLastLockCost, 1_000n * TAO));
      expect(register(model, account(60 + n).hex)).toBeNull();
    }
    const there = () =>
      model.chain.block(({ context }) => context.netuids().filter((netuid) => netuid < NETUID));
    expect(there()).toEqual([1, 2, 3, 4]);
    for (const netuid of [1, 3, OTHER]) end(model, netuid);
    expect(there()).toEqual([2, 4]);
    model.chain.block(({ context }) => context.store.put(subnets.NetworkLastLockCost, 1_000n * TAO));
    expect(register(model, account(70).hex)).toBeNull();
    expect(there()).toEqual([1, 2, 4]);
    expect(store.get(subnets.TotalNetworks)).toBe(5);
  });
});

import type { ApiPromise } from '@polkadot/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  call,
  eventNames,
  freeRao,
  key,
  NETUID,
  openRig,
  options,
  owner,
  ownerHotkey,
  query,
  type Rig,
  runtimeApi,
  TAO,
} from './rig.ts';

const OTHER = 39;
const otherHotkey = key('other-hotkey');
const miner = key('moving-miner');

/** One chain of two subnets for all; the tests run in order. */
let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const { subnets, ...rest } = options();
  const [first] = subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const second = { ...first, netuid: OTHER, ownerHotkey: otherHotkey.address, taoReserveRao: 2_000n * TAO };
  const chosen = { ...rest, subnets: [first, second] };
  rig = await openRig(chosen, ((step: () => Promise<void>) => cleanups.push(step)) as never);
  api = rig.api;
  for (const netuid of [NETUID, OTHER])
    expect(await rig.outcome(call(api, 'subtensorModule.startCall', netuid), owner)).toBeNull();
  expect(
    await rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, miner.address), alice),
  ).toBeNull();
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

const held = async (coldkey: string, hotkey: string, netuid: number): Promise<bigint> => {
  const info = await runtimeApi(
    api,
    'stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid',
    hotkey,
    coldkey,
    netuid,
  );
  return info.unwrap().stake.toBigInt();
};

/** Buys in a block of its own. */
const buy = async (hotkey: string, netuid: number, tao: bigint) =>
  expect(await rig.outcome(call(api, 'subtensorModule.addStake', hotkey, netuid, tao), alice)).toBeNull();

/** All TAO of the chain is in accounts and pools, and what pools hold is what is staked. */
async function expectBooksClosed(): Promise<void> {
  const netuids = Array.from({ length: 40 }, (_, netuid) => netuid);
  const pools: { toBigInt(): bigint }[] = await Promise.all(
    netuids.map((netuid) => query(api, 'subtensorModule.subnetTAO', netuid)),
  );
  const inPools = pools.reduce((sum, pool) => sum + pool.toBigInt(), 0n);
  const inAccounts = (await query(api, 'balances.totalIssuance')).toBigInt();
  expect((await query(api, 'subtensorModule.totalStake')).toBigInt()).toBe(inPools);
  expect((await query(api, 'subtensorModule.totalIssuance')).toBigInt()).toBe(inPools + inAccounts);
}

describe('stake that moves', () => {
  test('what was staked in a block cannot leave in it, and can in the next', async () => {
    const nonce = (await api.rpc.system.accountNextIndex(alice.address)).toNumber();
    const add = call(api, 'subtensorModule.addStake', miner.address, NETUID, 10n * TAO);
    await add.signAndSend(alice, { nonce });
    const remove = call(api, 'subtensorModule.removeStake', miner.address, NETUID, TAO);
    await remove.signAndSend(alice, { nonce: nonce + 1 });
    await rig.seal();
    const events = (await query(api, 'system.events')) as { event: { method: string; data: unknown[] } }[];
    const [failed] = events.filter(({ event }) => event.method === 'ExtrinsicFailed');
    const error = (failed?.event.data[0] as { asModule: never } | undefined)?.asModule;
    expect(error && api.registry.findMetaError(error).name).toBe('StakingOperationRateLimitExceeded');
    expect(events.some(({ event }) => event.method === 'StakeAdded')).toBe(true);
    expect(
      await rig.outcome(call(api, 'subtensorModule.removeStake', miner.address, NETUID, TAO), alice),
    ).toBeNull();
  });

  test('within a subnet all of it arrives and no price moves', async () => {
    const before = await held(alice.address, miner.address, NETUID);
    const volume = (await query(api, 'subtensorModule.subnetVolume', NETUID)).toBigInt();
    const move = call(
      api,
      'subtensorModule.moveStake',
      miner.address,
      ownerHotkey.address,
      NETUID,
      NETUID,
      10n * TAO,
    );
    const result = await rig.send(move, alice);
    expect(eventNames(result)).toEqual(
      expect.arrayContaining([
        'subtensorModule.StakeRemoved',
        'subtensorModule.StakeAdded',
        'subtensorModule.StakeMoved',
      ]),
    );
    expect(await held(alice.address, miner.address, NETUID)).toBe(before - 10n * TAO);
    expect(await held(alice.address, ownerHotkey.address, NETUID)).toBe(10n * TAO);
    // The chain's own order of the block alone: 0.9 of its TAO at most.
    expect((await query(api, 'subtensorModule.subnetVolume', NETUID)).toBigInt() - volume).toBeLessThan(TAO);
  });

  test('to the same place is SameNetuid, to no subnet SubnetNotExists, too little AmountTooLow', async () => {
    const move = (to: string, netuid: number, alpha: bigint) =>
      call(api, 'subtensorModule.moveStake', miner.address, to, NETUID, netuid, alpha);
    expect(await rig.outcome(move(miner.address, NETUID, TAO), alice)).toBe('subtensorModule.SameNetuid');
    expect(await rig.outcome(move(miner.address, 77, TAO), alice)).toBe('subtensorModule.SubnetNotExists');
    expect(await rig.outcome(move(ownerHotkey.address, NETUID, 1_000n), alice)).toBe(
      'subtensorModule.AmountTooLow',
    );
    expect(await rig.outcome(move(key('nobody').address, NETUID, TAO), alice)).toBe(
      'subtensorModule.HotKeyAccountNotExists',
    );
    await expectBooksClosed();
  });

  test('across subnets one fee is paid, and stake arrives behind the same hotkey', async () => {
    const before = await held(alice.address, miner.address, NETUID);
    const balance = await freeRao(api, alice.address);
    const swap = call(api, 'subtensorModule.swapStake', miner.address, NETUID, OTHER, 10n * TAO);
    const result = await rig.send(swap, alice);
    const fees = result.events
      .filter(({ event }) => ['StakeAdded', 'StakeRemoved'].includes(event.method))
      .map(({ event }) => [event.method, (event.data[5] as unknown as { toBigInt(): bigint }).toBigInt()]);
    expect(fees).toEqual([
      ['StakeRemoved', (10n * TAO * 33n) / 65_535n],
      ['StakeAdded', 0n],
    ]);
    expect(await held(alice.address, miner.address, NETUID)).toBe(before - 10n * TAO);
    expect(await held(alice.address, miner.address, OTHER)).toBeGreaterThan(0n);
    expect(balance - (await freeRao(api, alice.address))).toBeLessThan(TAO / 1_000n); // the transaction's fee
    await expectBooksClosed();
  });

  test('a limit on a swap is the least that comes in for what goes out', async () => {
    /** Moves with every block: new TAO goes where orders have brought some. */
    const ratioNow = async (): Promise<bigint> => {
      const [here, there] = await Promise.all(
        [NETUID, OTHER].map(async (netuid) =>
          (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', netuid)).toBigInt(),
        ),
      );
      return (here * TAO) / there;
    };
    const ratio = await ratioNow();
    const order = (limit: bigint, partial: boolean) =>
      call(api, 'subtensorModule.swapStakeLimit', miner.address, NETUID, OTHER, 40n * TAO, limit, partial);
    expect(await rig.outcome(order(ratio * 2n, false), alice)).toBe('subtensorModule.SlippageTooHigh');
    expect(await rig.outcome(order(ratio * 2n, true), alice)).toBe('subtensorModule.ZeroMaxStakeAmount');
    const near = ((await ratioNow()) * 999n) / 1_000n;
    expect(await rig.outcome(order(near, false), alice)).toBe('subtensorModule.SlippageTooHigh');
    const limit = ((await ratioNow()) * 999n) / 1_000n;
    const [out, into] = [
      await held(alice.address, miner.address, NETUID),
      await held(alice.address, miner.address, OTHER),
    ];
    expect(await rig.outcome(order(limit, true), alice)).toBeNull();
    const gone = out - (await held(alice.address, miner.address, NETUID));
    const come = (await held(alice.address, miner.address, OTHER)) - into;
    expect(gone).toBeGreaterThan(0n);
    expect(gone).toBeLessThan(40n * TAO);
    // What of another reward came in between is nothing here: no epoch ran.
    expect(come * TAO).toBeGreaterThanOrEqual(limit * gone);
  });

  test('to another holder it goes behind the same hotkey', async () => {
    const transfer = call(
      api,
      'subtensorModule.transferStake',
      bob.address,
      miner.address,
      NETUID,
      NETUID,
      5n * TAO,
    );
    expect(eventNames(await rig.send(transfer, alice))).toContain('subtensorModule.StakeTransferred');
    expect(await held(bob.address, miner.address, NETUID)).toBe(5n * TAO);
    await expectBooksClosed();
  });

  test('all of one subnet goes out whole, at a limit or not at all', async () => {
    const full = (limit: bigint | null) =>
      call(api, 'subtensorModule.removeStakeFullLimit', ownerHotkey.address, NETUID, limit);
    const price = (await runtimeApi(api, 'swapRuntimeApi.currentAlphaPrice', NETUID)).toBigInt();
    expect(await rig.outcome(full(price * 2n), alice)).toBe('subtensorModule.ZeroMaxStakeAmount');
    expect(await rig.outcome(full((price * 9n) / 10n), alice)).toBeNull();
    expect(await held(alice.address, ownerHotkey.address, NETUID)).toBe(0n);
    expect(await rig.outcome(full(null), alice)).toBe('subtensorModule.AmountTooLow');
  });

  test('all of a hotkey goes out of every subnet', async () => {
    await buy(miner.address, OTHER, TAO);
    const all = call(api, 'subtensorModule.unstakeAll', miner.address);
    expect(await rig.outcome(all, alice)).toBeNull();
    for (const netuid of [NETUID, OTHER]) expect(await held(alice.address, miner.address, netuid)).toBe(0n);
    // As at 393: that nothing is there is no fault.
    expect(await rig.outcome(all, alice)).toBeNull();
    expect(await held(bob.address, miner.address, NETUID)).toBeGreaterThan(0n);
    await expectBooksClosed();
  });

  test('a quote of any size is an answer', async () => {
    const quote = await runtimeApi(api, 'swapRuntimeApi.simSwapTaoForAlpha', NETUID, 2n ** 64n - 1n);
    expect(quote.taoAmount.toBigInt() + quote.taoFee.toBigInt()).toBe(2n ** 64n - 1n);
    const root = await runtimeApi(api, 'swapRuntimeApi.simSwapTaoForAlpha', 0, TAO);
    expect([root.alphaAmount.toBigInt(), root.taoFee.toBigInt()]).toEqual([TAO, 0n]);
  });

  test('on root one alpha is one TAO, with no fee and no price to limit', async () => {
    const stake = (limit: bigint) =>
      call(api, 'subtensorModule.addStakeLimit', miner.address, 0, 7n * TAO, limit, false);
    expect(await rig.outcome(stake(TAO - 1n), alice)).toBe('subtensorModule.ZeroMaxStakeAmount');
    expect(await rig.outcome(stake(TAO), alice)).toBeNull();
    expect(await held(alice.address, miner.address, 0)).toBe(7n * TAO);
    await expectBooksClosed();
    const swap = call(api, 'subtensorModule.swapStake', miner.address, 0, NETUID, 7n * TAO);
    expect(await rig.outcome(swap, alice)).toBeNull();
    expect(await held(alice.address, miner.address, 0)).toBe(0n);
    await expectBooksClosed();
  });
});

describe('keys and subnets', () => {
  test('a miner’s pay is staked where its owner wants it', async () => {
    const set = call(api, 'subtensorModule.setColdkeyAutoStakeHotkey', NETUID, ownerHotkey.address);
    expect(eventNames(await rig.send(set, alice))).toContain('subtensorModule.AutoStakeDestinationSet');
    expect(await rig.outcome(set, alice)).toBe('subtensorModule.SameAutoStakeHotkeyAlreadySet');
    const stranger = call(api, 'subtensorModule.setColdkeyAutoStakeHotkey', NETUID, key('nobody').address);
    expect(await rig.outcome(stranger, alice)).toBe('subtensorModule.HotKeyNotRegisteredInSubNet');
    const kept = await query(api, 'subtensorModule.autoStakeDestination', alice.address, NETUID);
    expect(kept.unwrap().toString()).toBe(ownerHotkey.address);
    const vote = call(api, 'subtensorModule.setMechanismWeights', NETUID, 0, [1], [65_535], 0);
    // Enough to outvote the miner's own backers. The owner votes without a permit; the next epoch gives it one.
    const backing = call(api, 'subtensorModule.addStake', ownerHotkey.address, NETUID, 500n * TAO);
    expect(await rig.outcome(backing, owner)).toBeNull();
    await rig.seal(11);
    expect(await rig.outcome(vote, ownerHotkey)).toBeNull();
    const before = await held(alice.address, ownerHotkey.address, NETUID);
    await rig.seal(22);
    expect(await held(alice.address, ownerHotkey.address, NETUID)).toBeGreaterThan(before);
    await expectBooksClosed();
  });

  test('another hotkey takes the place of one on a subnet, with all that stands behind it', async () => {
    const next = key('next-hotkey').address;
    const swap = (from: string, to: string, netuid: number | null = NETUID) =>
      call(api, 'subtensorModule.swapHotkey', from, to, netuid);
    const outcome = (tx: ReturnType<typeof swap>, who = alice) => rig.outcome(tx, who);
    expect(await outcome(swap(miner.address, next), owner)).toBe('subtensorModule.NonAssociatedColdKey');
    expect(await outcome(swap(miner.address, miner.address))).toBe('subtensorModule.NewHotKeyIsSameWithOld');
    expect(await outcome(swap(miner.address, ownerHotkey.address))).toBe(
      'subtensorModule.HotKeyAlreadyRegisteredInSubNet',
    );
    const total = async (hotkey: string) =>
      (await query(api, 'subtensorModule.totalHotkeyAlpha', hotkey, NETUID)).toBigInt();
    const before = await total(miner.address);
    expect(eventNames(await rig.send(swap(miner.address, next), alice))).toContain(
      'subtensorModule.HotkeySwappedOnSubnet',
    );
    expect((await query(api, 'subtensorModule.uids', NETUID, next)).unwrap().toNumber()).toBe(1);
    expect((await query(api, 'subtensorModule.uids', NETUID, miner.address)).isNone).toBe(true);
    expect(await total(miner.address)).toBe(0n);
    expect(await total(next)).toBeGreaterThanOrEqual(before);
    expect(await held(bob.address, next, NETUID)).toBeGreaterThan(0n);
    expect(await outcome(swap(next, miner.address))).toBe(
      'subtensorModule.HotKeySwapOnSubnetIntervalNotPassed',
    );
    await expectBooksClosed();

    const last = key('last-hotkey').address;
    expect(eventNames(await rig.send(swap(next, last, null), alice))).toContain(
      'subtensorModule.HotkeySwapped',
    );
    expect((await query(api, 'subtensorModule.keys', NETUID, 1)).toString()).toBe(last);
    expect((await query(api, 'subtensorModule.owner', last)).toString()).toBe(alice.address);
    expect(await outcome(swap(last, next, null))).toBe('subtensorModule.HotKeySetTxRateLimitExceeded');
    await expectBooksClosed();
  });

  test('a subnet has one mechanism', async () => {
    const vote = call(api, 'subtensorModule.setMechanismWeights', NETUID, 1, [1], [65_535], 0);
    expect(await rig.outcome(vote, ownerHotkey)).toBe('subtensorModule.MechanismDoesNotExist');
  });

  test('a subnet is registered for its price, at the lowest free number, once in 7,200 blocks', async () => {
    const register = (hotkey: string) => call(api, 'subtensorModule.registerNetwork', hotkey);
    await rig.control('devnet_fund', bob.address, (2n * TAO).toString());
    await rig.seal();
    expect(await rig.outcome(register(key('too-poor').address), bob)).toBe(
      'subtensorModule.CannotAffordLockCost',
    );
    const before = await freeRao(api, owner.address);
    const result = await rig.send(register(key('new-hotkey').address), owner);
    expect(eventNames(result)).toContain('subtensorModule.NetworkAdded');
    expect((before - (await freeRao(api, owner.address))) / TAO).toBe(1_000n);
    expect((await query(api, 'subtensorModule.subnetOwner', 1)).toString()).toBe(owner.address);
    expect((await query(api, 'subtensorModule.keys', 1, 0)).toString()).toBe(key('new-hotkey').address);
    expect((await query(api, 'subtensorModule.totalNetworks')).toNumber()).toBe(4); // with root
    expect(await rig.outcome(register(key('newer').address), owner)).toBe(
      'subtensorModule.NetworkTxRateLimitExceeded',
    );
    await expectBooksClosed();
  });

  test('its owner names it, and it emits from its start on', async () => {
    const name = (who: typeof owner) =>
      rig.outcome(
        call(api, 'subtensorModule.setSubnetIdentity', 1, 'Third', '', '', '', '', 'a test', '', ''),
        who,
      );
    expect(await name(alice)).toBe('subtensorModule.NotSubnetOwner');
    expect(await name(owner)).toBeNull();
    const identity = (await query(api, 'subtensorModule.subnetIdentitiesV3', 1)).unwrap();
    expect(identity.subnetName.toUtf8()).toBe('Third');
    expect(await rig.outcome(call(api, 'subtensorModule.startCall', 1), owner)).toBeNull();
    await rig.seal(3);
    const emission = async (item: string) => (await query(api, `subtensorModule.${item}`, 1)).toBigInt();
    expect(await emission('subnetAlphaOutEmission')).toBe(TAO);
    // No order has brought it any TAO yet, so the chain gives it none.
    expect(await emission('subnetTaoInEmission')).toBe(0n);
    await buy(key('new-hotkey').address, 1, TAO);
    await rig.seal();
    expect(await emission('subnetTaoInEmission')).toBeGreaterThan(0n);
    await expectBooksClosed();
  });

  test('all of an account goes, with or without what keeps it', async () => {
    const rich = key('all-of-it');
    await rig.control('devnet_fund', rich.address, (3n * TAO).toString());
    await rig.seal();
    const target = key('all-target').address;
    expect(await rig.outcome(call(api, 'balances.transferAll', target, true), rich)).toBeNull();
    expect(await freeRao(api, rich.address)).toBe(500n);
    await rig.control('devnet_fund', rich.address, TAO.toString());
    await rig.seal();
    expect(await rig.outcome(call(api, 'balances.transferAll', target, false), rich)).toBeNull();
    expect(await freeRao(api, rich.address)).toBe(0n);
    await expectBooksClosed();
  });
});

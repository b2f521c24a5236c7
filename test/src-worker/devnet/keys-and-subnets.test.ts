import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alice, bob, call, eventNames, freeRao, key, NETUID, owner, ownerHotkey, query, TAO } from './rig.ts';
import { miner, openTwoSubnets, type TwoSubnets } from './two-subnets.ts';

/** One chain for all; the tests run in order. */
let chain: TwoSubnets;
let rig: TwoSubnets['rig'];
let api: TwoSubnets['api'];
beforeAll(async () => {
  chain = await openTwoSubnets();
  ({ rig, api } = chain);
  await chain.buy(miner.address, NETUID, 20n * TAO);
  const gift = call(
    api,
    'subtensorModule.transferStake',
    bob.address,
    miner.address,
    NETUID,
    NETUID,
    5n * TAO,
  );
  await rig.seal();
  expect(await rig.outcome(gift, alice)).toBeNull();
});
afterAll(() => chain.close());

const held: TwoSubnets['held'] = (...of) => chain.held(...of);
const buy: TwoSubnets['buy'] = (...what) => chain.buy(...what);
const expectBooksClosed = () => chain.expectBooksClosed();

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

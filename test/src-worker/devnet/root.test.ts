import { expect, test } from 'vitest';
import {
  alice,
  call,
  eventNames,
  key,
  NETUID,
  openRig,
  options,
  owner,
  query,
  runtimeApi,
  TAO,
} from './rig.ts';

/** `TaoWeight` of 393, of 2^64. */
const TAO_WEIGHT = 971_718_665_099_567_868n;
const validator = key('root-validator');
const other = key('root-other');

test('TAO on root weighs in the epoch, and its part of the dividends is recycled while prices are low', async () => {
  const seats = [validator, other].map(({ address }) => ({
    hotkey: address,
    coldkey: alice.address,
    stakeAlpha: 100n * TAO,
    validatorPermit: true,
  }));
  const rig = await openRig(options({}, { tempo: 10, neurons: seats }));
  const { api } = rig;
  const read = async (item: string): Promise<bigint> =>
    (await query(api, `subtensorModule.${item}`, NETUID)).toBigInt();
  expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBeNull();
  const stake = call(api, 'subtensorModule.addStake', validator.address, 0, 4_000n * TAO);
  expect(await rig.outcome(stake, alice)).toBeNull();

  const issued = (await read('subnetAlphaIn')) + (await read('subnetAlphaOut'));
  const out = await read('subnetAlphaOut');
  await rig.seal();
  const weighed = (4_000n * TAO * TAO_WEIGHT) >> 64n;
  const share = Number(weighed) / Number(weighed + issued);
  expect((await query(api, 'subtensorModule.rootProp', NETUID)).bits.toNumber() / 2 ** 32).toBeCloseTo(
    share,
    3,
  );
  // 41 % of one alpha are the validators'; root's part of them is not emitted at all.
  const added = Number((await read('subnetAlphaOut')) - out) / 1e9;
  expect(added).toBeCloseTo(1 - 0.41 * share, 3);

  await rig.seal(33);
  const dividends: number[] = (await query(api, 'subtensorModule.emission', NETUID)).toJSON();
  const held = async (hotkey: string) =>
    (await query(api, 'subtensorModule.totalHotkeyAlpha', hotkey, NETUID)).toBigInt();
  // Both hold the same alpha: nobody votes, so stake is paid, and root's is not paid in alpha.
  expect(dividends[1]).toBeGreaterThan(0);
  const [mine, theirs] = [await held(validator.address), await held(other.address)];
  expect(Number(mine) / Number(theirs)).toBeCloseTo(1, 6);
});

test('a claim of root’s dividends names one to five subnets', async () => {
  const rig = await openRig();
  const claim = (netuids: number[]) => call(rig.api, 'subtensorModule.claimRoot', netuids);
  expect(eventNames(await rig.send(claim([NETUID]), alice))).toContain('subtensorModule.RootClaimed');
  expect(await rig.outcome(claim([]), alice)).toBe('subtensorModule.InvalidSubnetNumber');
  expect(await rig.outcome(claim([1, 2, 3, 4, 5, 6]), alice)).toBe('subtensorModule.InvalidSubnetNumber');
});

test('a client reads what root is owed, who is whose child, and how a coldkey wants to be paid', async () => {
  const seat = {
    hotkey: validator.address,
    coldkey: owner.address,
    stakeAlpha: 100n * TAO,
    validatorPermit: true,
  };
  const rig = await openRig(options({}, { tempo: 10, neurons: [seat], movingPriceRao: 2n * TAO }));
  const { api } = rig;
  const tell = (path: string, ...args: unknown[]) => call(api, `subtensorModule.${path}`, ...args);
  expect(await rig.outcome(tell('startCall', NETUID), owner)).toBeNull();
  expect(
    await rig.outcome(tell('setRootClaimType', { KeepSubnets: { subnets: [NETUID] } }), alice),
  ).toBeNull();
  expect((await query(api, 'subtensorModule.rootClaimType', alice.address)).toJSON()).toEqual({
    keepSubnets: { subnets: [NETUID] },
  });
  expect(await rig.outcome(tell('rootRegister', validator.address), owner)).toBeNull();
  expect((await query(api, 'subtensorModule.keys', 0, 0)).toString()).toBe(validator.address);
  expect(await rig.outcome(tell('addStake', validator.address, 0, 4_000n * TAO), alice)).toBeNull();
  await rig.seal(11);
  const rates = (await query(api, 'subtensorModule.rootClaimable', validator.address)).toJSON();
  expect(Object.keys(rates)).toEqual([String(NETUID)]);
  // One coldkey is all that the lot can fall on: it has been paid in the block of the epoch itself.
  const claimed = await query(api, 'subtensorModule.rootClaimed', NETUID, validator.address, alice.address);
  expect(claimed.toBigInt()).toBeGreaterThan(0n);
  const method = 'stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid';
  const kept = await runtimeApi(api, method, validator.address, alice.address, NETUID);
  expect(kept.unwrap().stake.toBigInt()).toBeGreaterThan(0n);
  const paid = await query(api, 'subtensorModule.rootAlphaDividendsPerSubnet', NETUID, validator.address);
  expect(paid.toBigInt() - claimed.toBigInt()).toBeLessThan(1_000n);

  const half = (2n ** 63n).toString();
  const wish = await rig.send(tell('setChildren', validator.address, NETUID, [[half, other.address]]), owner);
  expect(eventNames(wish)).toContain('subtensorModule.SetChildrenScheduled');
  const [children] = (
    await query(api, 'subtensorModule.pendingChildKeys', NETUID, validator.address)
  ).toJSON() as [[string, string][], number];
  expect(children[0]?.[1]).toBe(other.address);
  expect(await rig.outcome(tell('decreaseTake', validator.address, 0), owner)).toBeNull();
  const delegate = await runtimeApi(api, 'delegateInfoRuntimeApi.getDelegate', validator.address);
  expect(delegate.unwrap().take.toNumber()).toBe(0);
  expect(delegate.unwrap().registrations.toJSON()).toEqual([0, NETUID]);
});

test('no hotkey with a seat takes the place of another one everywhere', async () => {
  const rig = await openRig();
  const { api } = rig;
  for (const seat of [validator, other]) {
    expect(await rig.outcome(call(api, 'subtensorModule.rootRegister', seat.address), alice)).toBeNull();
  }
  const swap = call(api, 'subtensorModule.swapHotkey', validator.address, other.address, null);
  expect(await rig.outcome(swap, alice)).toBe('subtensorModule.HotKeyAlreadyRegisteredInSubNet');
});

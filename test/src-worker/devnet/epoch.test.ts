import { expect, test } from 'vitest';
import {
  alice,
  bob,
  call,
  key,
  NETUID,
  openRig,
  options,
  owner,
  ownerHotkey,
  query,
  type Rig,
  stakeAlpha,
  TAO,
} from './rig.ts';

const validator = key('validator');
const worker = key('worker');
const idler = key('idler');

const EPOCH = 11;
/** Up to and including the next block in which an epoch runs. */
async function sealEpoch(rig: Rig): Promise<void> {
  const head = (await rig.api.rpc.chain.getHeader()).number.toNumber();
  await rig.seal(EPOCH - ((head + NETUID + 2) % EPOCH));
}

async function subnetWithValidator(rig: Rig): Promise<void> {
  const { api } = rig;
  await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner);
  for (const hotkey of [validator, worker, idler]) {
    expect(
      await rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, hotkey.address), alice),
    ).toBeNull();
  }
  const stake = call(api, 'subtensorModule.addStakeLimit', validator.address, NETUID, 100n * TAO, TAO, false);
  expect(await rig.outcome(stake, alice)).toBeNull();
}

test('an epoch pays miners by weight, those without none, and the owner 18 %', async () => {
  const rig = await openRig();
  const { api } = rig;
  await subnetWithValidator(rig);
  await rig.seal(5);
  const weigh = call(api, 'subtensorModule.setWeights', NETUID, [2], [65_535], 0);
  expect(await rig.outcome(weigh, validator)).toBe('subtensorModule.NeuronNoValidatorPermit');
  await sealEpoch(rig);
  expect((await query(api, 'subtensorModule.validatorPermit', NETUID)).toJSON()).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(await rig.outcome(weigh, validator)).toBeNull();
  expect(await rig.outcome(weigh, validator)).toBe('subtensorModule.SettingWeightsTooFast');
  await sealEpoch(rig);

  const before = await Promise.all(
    [ownerHotkey, validator, worker, idler].map(({ address }) => stakeAlpha(api, address)),
  );
  await sealEpoch(rig);
  const after = await Promise.all(
    [ownerHotkey, validator, worker, idler].map(({ address }) => stakeAlpha(api, address)),
  );
  const gained = after.map((alpha, i) => Number(alpha - before[i]!) / 1e9);
  // 11 blocks of 1 alpha: 18 % owner, 41 % the only paid miner, 41 % the only validator that votes.
  expect(gained[0]).toBeCloseTo(11 * 0.18, 3);
  expect(gained[1]).toBeCloseTo(11 * 0.41, 3);
  expect(gained[2]).toBeCloseTo(11 * 0.41, 3);
  expect(gained[3]).toBe(0);
  expect((await query(api, 'subtensorModule.incentive', NETUID)).toJSON()).toEqual([0, 0, 65_535, 0]);
  const emission = (await query(api, 'subtensorModule.emission', NETUID)).toJSON() as number[];
  expect(emission[2]! / 1e9).toBeCloseTo(11 * 0.41, 3);
  const events = await query(api, 'system.events');
  const emitted = events.find(
    ({ event }: { event: { method: string } }) => event.method === 'IncentiveAlphaEmittedToMiners',
  );
  expect(emitted.event.data.emissions.map((each: { toBigInt(): bigint }) => each.toBigInt() > 0n)).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

test('nothing is emitted before start_call', async () => {
  const rig = await openRig();
  await rig.outcome(call(rig.api, 'subtensorModule.burnedRegister', NETUID, worker.address), alice);
  const out = (await query(rig.api, 'subtensorModule.subnetAlphaOut', NETUID)).toBigInt();
  await rig.seal(2 * EPOCH);
  expect((await query(rig.api, 'subtensorModule.subnetAlphaOut', NETUID)).toBigInt()).toBe(out);
  expect((await query(rig.api, 'subtensorModule.pendingServerEmission', NETUID)).toBigInt()).toBe(0n);
});

test('a full subnet prunes the oldest unpaid neuron past immunity and leaves the immune and the owner alone', async () => {
  const rig = await openRig(options({}, { maxUids: 3, immunityPeriod: 20, minNonImmuneUids: 0 }));
  const { api } = rig;
  const register = (name: string) =>
    rig.outcome(call(api, 'subtensorModule.burnedRegister', NETUID, key(name).address), alice);
  const uidOf = async (name: string) =>
    (await query(api, 'subtensorModule.uids', NETUID, key(name).address)).toJSON();
  await register('old');
  await rig.outcome(
    call(api, 'subtensorModule.serveAxon', NETUID, 1, 0x0a00_0001, 80, 4, 4, 0, 0),
    key('old'),
  );
  await rig.seal(20);
  await register('young');
  expect(await register('newcomer')).toBeNull();
  expect([await uidOf('old'), await uidOf('young'), await uidOf('newcomer')]).toEqual([null, 2, 1]);
  expect((await query(api, 'subtensorModule.axons', NETUID, key('old').address)).isNone).toBe(true);
  expect((await query(api, 'subtensorModule.keys', NETUID, 0)).toString()).toBe(ownerHotkey.address);
});

test('a genesis that refuses loopback axons answers as the real chain does', async () => {
  const rig = await openRig(options({ refuseLoopbackAxons: true }));
  await rig.outcome(call(rig.api, 'subtensorModule.burnedRegister', NETUID, worker.address), alice);
  const serve = call(rig.api, 'subtensorModule.serveAxon', NETUID, 1, 0x7f00_0001, 80, 4, 4, 0, 0);
  expect(await rig.outcome(serve, worker)).toBe('subtensorModule.InvalidIpAddress');
});

test('registrations within an interval lift the price, an empty interval lowers it to its floor', async () => {
  const changes = {
    targetRegistrationsPerInterval: 1,
    adjustmentIntervalBlocks: 10,
    minBurnRao: 60_000_000n,
  };
  const rig = await openRig(options({}, changes));
  const burn = async () => (await query(rig.api, 'subtensorModule.burn', NETUID)).toBigInt();
  await rig.send(call(rig.api, 'balances.transferKeepAlive', bob.address, TAO), alice);
  for (const name of ['a', 'b'])
    await rig.outcome(call(rig.api, 'subtensorModule.burnedRegister', NETUID, key(name).address), alice);
  await rig.seal(10);
  expect(await burn()).toBe(150_000_000n);
  await rig.seal(20);
  expect(await burn()).toBe(60_000_000n);
});

test('a neuron of the genesis has its stake and its permit before anybody may stake, and keeps them', async () => {
  const staked = {
    hotkey: validator.address,
    coldkey: alice.address,
    stakeAlpha: 400n * TAO,
    validatorPermit: true,
  };
  const plain = { hotkey: idler.address, coldkey: alice.address };
  const rig = await openRig(options({}, { neurons: [staked, plain] } as never));
  const { api } = rig;
  const permits = async () => (await query(api, 'subtensorModule.validatorPermit', NETUID)).toJSON();
  const uid = async (hotkey: string) => (await query(api, 'subtensorModule.uids', NETUID, hotkey)).toJSON();
  expect([await uid(validator.address), await uid(idler.address)]).toEqual([1, 2]);
  expect(await permits()).toEqual([false, true, false]);
  expect(await stakeAlpha(api, validator.address)).toBe(400n * TAO);
  expect((await query(api, 'subtensorModule.subnetAlphaOut', NETUID)).toBigInt()).toBe(400n * TAO);
  await sealEpoch(rig);
  expect(await permits()).toEqual([true, true, false]);
  const register = call(api, 'subtensorModule.burnedRegister', NETUID, bob.address);
  expect(await rig.outcome(register, alice)).toBeNull();
  expect(await uid(bob.address)).toBe(3);
});

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
  ownerHotkey,
  query,
  runtimeApi,
  TAO,
} from './rig.ts';

const miner = key('miner');

test('what little stays on somebody else’s hotkey is sold, too; on one’s own it stays', async () => {
  // 500 times 0.002 TAO, at a price of 0.1: 10 alpha.
  const neurons = [{ hotkey: miner.address, coldkey: alice.address, stakeAlpha: 100n * TAO }];
  const rig = await openRig(options({ nominationPerMillion: 500_000_000n }, { neurons, tempo: 5_000 }));
  const { api } = rig;
  const held = async (hotkey: string): Promise<bigint> => {
    const method = 'stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid';
    return (await runtimeApi(api, method, hotkey, alice.address, NETUID)).unwrap().stake.toBigInt();
  };
  const take = (hotkey: string, alpha: bigint) =>
    rig.send(call(api, 'subtensorModule.removeStake', hotkey, NETUID, alpha), alice);
  expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBeNull();
  const buy = call(api, 'subtensorModule.addStake', ownerHotkey.address, NETUID, 5n * TAO);
  expect(await rig.outcome(buy, alice)).toBeNull();
  const bought = await held(ownerHotkey.address);

  // As much as is enough stays.
  await take(ownerHotkey.address, bought - 11n * TAO);
  expect(await held(ownerHotkey.address)).toBe(11n * TAO);
  const sold = eventNames(await take(ownerHotkey.address, 2n * TAO));
  expect(sold.filter((name) => name === 'subtensorModule.StakeRemoved')).toHaveLength(2);
  expect(await held(ownerHotkey.address)).toBe(0n);

  await take(miner.address, 99n * TAO);
  expect(await held(miner.address)).toBe(TAO);
  const inPool = (await query(api, 'subtensorModule.subnetTAO', NETUID)).toBigInt();
  expect((await query(api, 'subtensorModule.totalStake')).toBigInt()).toBe(inPool);
  const inAccounts = (await query(api, 'balances.totalIssuance')).toBigInt();
  expect((await query(api, 'subtensorModule.totalIssuance')).toBigInt()).toBe(inPool + inAccounts);
});

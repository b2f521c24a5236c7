import type { ApiPromise } from '@polkadot/api';
import { expect } from 'vitest';
import {
  alice,
  call,
  key,
  NETUID,
  openRig,
  options,
  owner,
  query,
  type Rig,
  runtimeApi,
  TAO,
} from './rig.ts';

export const OTHER = 39;
export const miner = key('moving-miner');
const otherHotkey = key('other-hotkey');

/** A chain with two subnets that have begun, and a miner on the first. */
export interface TwoSubnets {
  readonly rig: Rig;
  readonly api: ApiPromise;
  /** Alpha rao. */
  held(coldkey: string, hotkey: string, netuid: number): Promise<bigint>;
  /** Buys for alice, in a block of its own. */
  buy(hotkey: string, netuid: number, tao: bigint): Promise<void>;
  /** All TAO of the chain is in accounts and pools, and what pools hold is what is staked. */
  expectBooksClosed(): Promise<void>;
  close(): Promise<void>;
}

export async function openTwoSubnets(): Promise<TwoSubnets> {
  const { subnets, ...rest } = options();
  const [first] = subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const second = { ...first, netuid: OTHER, ownerHotkey: otherHotkey.address, taoReserveRao: 2_000n * TAO };
  const cleanups: (() => Promise<void>)[] = [];
  const later = ((step: () => Promise<void>) => cleanups.push(step)) as never;
  const rig = await openRig({ ...rest, subnets: [first, second] }, later);
  const { api } = rig;
  for (const netuid of [NETUID, OTHER])
    expect(await rig.outcome(call(api, 'subtensorModule.startCall', netuid), owner)).toBeNull();
  const register = call(api, 'subtensorModule.burnedRegister', NETUID, miner.address);
  expect(await rig.outcome(register, alice)).toBeNull();
  return {
    rig,
    api,
    async held(...[coldkey, hotkey, netuid]) {
      const method = 'stakeInfoRuntimeApi.getStakeInfoForHotkeyColdkeyNetuid';
      return (await runtimeApi(api, method, hotkey, coldkey, netuid)).unwrap().stake.toBigInt();
    },
    async buy(...[hotkey, netuid, tao]) {
      const add = call(api, 'subtensorModule.addStake', hotkey, netuid, tao);
      expect(await rig.outcome(add, alice)).toBeNull();
    },
    async expectBooksClosed() {
      const netuids = Array.from({ length: 40 }, (_, netuid) => netuid);
      const pools: { toBigInt(): bigint }[] = await Promise.all(
        netuids.map((netuid) => query(api, 'subtensorModule.subnetTAO', netuid)),
      );
      const inPools = pools.reduce((sum, pool) => sum + pool.toBigInt(), 0n);
      const inAccounts = (await query(api, 'balances.totalIssuance')).toBigInt();
      expect((await query(api, 'subtensorModule.totalStake')).toBigInt()).toBe(inPools);
      expect((await query(api, 'subtensorModule.totalIssuance')).toBigInt()).toBe(inPools + inAccounts);
    },
    async close() {
      for (const step of cleanups) await step();
    },
  };
}

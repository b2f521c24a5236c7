import type { Executor } from '../../src-worker/devnet/chain/executor.ts';
import { freeRao } from '../../src-worker/devnet/runtime/balances.ts';
import { setReserves } from '../../src-worker/devnet/runtime/subtensor/reserves.ts';
import { addStake, removeStake, stakeOf } from '../../src-worker/devnet/runtime/subtensor/stake.ts';
import { subnets } from '../../src-worker/devnet/runtime/subtensor/storage.ts';
import { account, dispatch, type ModelChain, modelChain, moduleCall, optionsOf, TAO } from './model-chain.ts';
import { type Seeded, seeded } from './seeded.ts';

export const HERE = 38;
export const THERE = 39;
const RICH_RAO = 5_000_000n * TAO;
export const trader = account(7).hex;
/** Behind which all of the trader's stake lies. */
export const hotkey = account(1).hex;

/** Two subnets that have begun, and one account with all the TAO that it may want. */
export function market(): ModelChain {
  const [first] = optionsOf().subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const second = { ...first, netuid: THERE, ownerHotkey: account(2).ss58 };
  const chain = modelChain(optionsOf({ subnets: [first, second] }));
  chain.block((executor) => {
    executor.fund({ account: trader, amountRao: RICH_RAO });
    for (const netuid of [HERE, THERE])
      dispatch(executor, account(0).hex, moduleCall('start_call', { netuid }));
  });
  return chain;
}

/** What one order found and left. */
export interface Trade {
  readonly executor: Executor;
  readonly random: Seeded;
  /** Alpha that the trader holds on either subnet before it. */
  readonly held: bigint;
}

/** So many trades, each in a block of its own with pools of random depth and a stake of random size. */
export function eachTrade(count: number, seed: number, trade: (trade: Trade) => void): void {
  const [chain, random] = [market(), seeded(seed)];
  for (let i = 0; i < count; i++)
    chain.block((executor) => {
      const held = random.amount(TAO / 100n, 1_000_000n * TAO);
      for (const netuid of [HERE, THERE]) deal(executor, random, netuid, held);
      trade({ executor, random, held });
    });
}

function deal({ context: { store } }: Executor, random: Seeded, netuid: number, held: bigint): void {
  const reserve = () => random.amount(TAO, 10_000_000n * TAO);
  setReserves(store, netuid, { taoRao: reserve(), alphaRao: reserve() });
  const before = stakeOf(store, hotkey, trader, netuid);
  if (before > 0n) removeStake(store, hotkey, trader, netuid, before);
  addStake(store, hotkey, trader, netuid, held);
  store.put(subnets.SubnetAlphaOut, store.get(subnets.TotalHotkeyAlpha, hotkey, netuid), netuid);
}

/** What a trade has brought the trader: alpha of a subnet, or TAO where it is null. */
export function gainOf(
  { context: { store } }: Executor,
  netuid: number | null,
  trade: () => boolean,
): bigint | null {
  const of = () => (netuid === null ? freeRao(store, trader) : stakeOf(store, hotkey, trader, netuid));
  const before = of();
  return trade() ? of() - before : null;
}

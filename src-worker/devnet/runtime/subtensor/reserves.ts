import {
  buy,
  buyUpTo,
  MAX_INPUT_RESERVES,
  PRICE_SCALE,
  priceOf,
  type Quote,
  type Reserves,
  sell,
  sellDownTo,
} from '../../economy/pool.ts';
import type { Store } from '../store.ts';
import { subnets } from './storage.ts';

export const reservesOf = (store: Store, netuid: number): Reserves => ({
  taoRao: store.get(subnets.SubnetTAO, netuid),
  alphaRao: store.get(subnets.SubnetAlphaIn, netuid),
});

/** Root, and any subnet without a pool: one alpha is one TAO, nothing is charged and no order moves the price. */
const isStable = (store: Store, netuid: number): boolean => store.get(subnets.SubnetMechanism, netuid) === 0;

/** Rao of TAO for 1 alpha. */
export const spotPrice = (store: Store, netuid: number): bigint =>
  isStable(store, netuid) ? PRICE_SCALE : priceOf(reservesOf(store, netuid));

/** @param fee for orders that pay none, or another */
export function quoteBuy(store: Store, netuid: number, inputRao: bigint, fee?: bigint): Quote {
  const pool = reservesOf(store, netuid);
  return isStable(store, netuid) ? unpooled(pool, inputRao, inputRao) : buy(pool, inputRao, fee);
}

export function quoteSell(store: Store, netuid: number, inputAlpha: bigint, fee?: bigint): Quote {
  const pool = reservesOf(store, netuid);
  return isStable(store, netuid) ? unpooled(pool, inputAlpha, -inputAlpha) : sell(pool, inputAlpha, fee);
}

const unpooled = (pool: Reserves, amount: bigint, taoAdded: bigint): Quote => ({
  paid: amount,
  fee: 0n,
  received: amount,
  after: { ...pool, taoRao: pool.taoRao + taoAdded },
});

/** The most that a limit price lets in, fee included; null: anything. */
export function mostToBuy(store: Store, netuid: number, limitPrice: bigint): bigint | null {
  if (isStable(store, netuid)) return limitPrice >= PRICE_SCALE ? null : 0n;
  return buyUpTo(reservesOf(store, netuid), limitPrice);
}

export function mostToSell(store: Store, netuid: number, limitPrice: bigint): bigint | null {
  if (isStable(store, netuid)) return limitPrice <= PRICE_SCALE ? null : 0n;
  return sellDownTo(reservesOf(store, netuid), limitPrice);
}

/** Whether a pool is deep enough for so much of one of its sides. */
export const isServable = (store: Store, netuid: number, input: bigint, side: keyof Reserves): boolean =>
  isStable(store, netuid) || input <= reservesOf(store, netuid)[side] * MAX_INPUT_RESERVES;

/** The chain counts as staked all TAO that lies in pools, however it came there: orders, registrations, emission. */
export function setReserves(store: Store, netuid: number, { taoRao, alphaRao }: Reserves): void {
  const added = taoRao - store.get(subnets.SubnetTAO, netuid);
  store.put(subnets.SubnetTAO, taoRao, netuid);
  store.put(subnets.SubnetAlphaIn, alphaRao, netuid);
  store.change(subnets.TotalStake, (total) => total + added);
}

/** A trade's end: the TAO that went through the pool, either way, is its volume. */
export function settle(store: Store, netuid: number, after: Reserves): void {
  const moved = after.taoRao - store.get(subnets.SubnetTAO, netuid);
  store.change(subnets.SubnetVolume, (volume) => volume + (moved < 0n ? -moved : moved), netuid);
  setReserves(store, netuid, after);
}

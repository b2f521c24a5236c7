import type { Store } from '../store.ts';
import { type RootRates, rootItems } from './root-items.ts';

/**
 * Root dividends are not paid out: each hotkey has a rate for each subnet, alpha for every rao of TAO that stands
 * behind it on root, and each holder a count of what has been had of that. TAO that comes later has no part in what
 * was earned before, so its count begins where the rate stands.
 */
const FRACTION_BITS = 32n;
const ONE = 1n << FRACTION_BITS;

export const bitsOf = (rao: bigint): bigint => rao << FRACTION_BITS;
export const wholeRao = (bits: bigint): bigint => bits >> FRACTION_BITS;
export const raoAtMost = (bits: bigint): bigint => (bits + ONE - 1n) >> FRACTION_BITS;

/** Alpha rao that so much TAO on root comes to at a rate, rounded up: fractions of many add up to a rao. */
export const alphaAtMost = (rate: bigint, taoRao: bigint): bigint => raoAtMost(rate * taoRao);

/** What a rate grows by when so much alpha is shared among so much TAO. */
export const rateOf = (alpha: bigint, taoRao: bigint): bigint => (alpha << FRACTION_BITS) / taoRao;

/** Bits of a hotkey's rate on a subnet. */
export const rateOn = (store: Store, hotkey: string, netuid: number): bigint =>
  store.get(rootItems.RootClaimable, hotkey).find(([each]) => each === netuid)?.[1].bits ?? 0n;

/** TAO has been put on root: rounded up, so that nobody is owed more for it. */
export function raiseClaimed(store: Store, hotkey: string, coldkey: string, taoRao: bigint): void {
  for (const [netuid, rate] of store.get(rootItems.RootClaimable, hotkey)) {
    const alpha = alphaAtMost(rate.bits, taoRao);
    store.change(rootItems.RootClaimed, (claimed) => claimed + alpha, netuid, hotkey, coldkey);
  }
}

/**
 * TAO has been taken from root. As on the chain it takes with it what it was owed: who leaves before a claim leaves
 * that part to nobody.
 */
export function lowerClaimed(store: Store, hotkey: string, coldkey: string, taoRao: bigint): void {
  for (const [netuid, rate] of store.get(rootItems.RootClaimable, hotkey)) {
    const claimed = store.get(rootItems.RootClaimed, netuid, hotkey, coldkey);
    if (claimed === 0n) continue;
    const alpha = wholeRao(rate.bits * taoRao);
    store.put(rootItems.RootClaimed, claimed > alpha ? claimed - alpha : 0n, netuid, hotkey, coldkey);
  }
}

export function setRate(store: Store, hotkey: string, netuid: number, bits: bigint): void {
  const others = store.get(rootItems.RootClaimable, hotkey).filter(([each]) => each !== netuid);
  const rates: RootRates = bits === 0n ? others : [...others, [netuid, { bits }]];
  if (rates.length === 0) store.remove(rootItems.RootClaimable, hotkey);
  else
    store.put(
      rootItems.RootClaimable,
      rates.toSorted(([a], [b]) => a - b),
      hotkey,
    );
}

/** Whoever stakes on root, or has a wish about claims, is in a list that the chain claims for by and by. */
export function indexColdkey(store: Store, coldkey: string): void {
  if (store.has(rootItems.StakingColdkeys, coldkey)) return;
  const count = store.get(rootItems.NumStakingColdkeys);
  store.put(rootItems.StakingColdkeysByIndex, coldkey, count);
  store.put(rootItems.StakingColdkeys, count, coldkey);
  store.put(rootItems.NumStakingColdkeys, count + 1n);
}

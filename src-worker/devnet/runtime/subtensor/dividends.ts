import { divide, U16_MAX } from '../../economy/emission.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { alphaShare, familyShares } from './inheritance.ts';
import { shareAmongRoot } from './root-claims.ts';
import { rootItems } from './root-items.ts';
import { addStake, rewardHotkey } from './stake.ts';
import { subnets } from './storage.ts';

/**
 * Shares two pots among hotkeys by what they have earned: one for their alpha, one for their TAO on root, each
 * hotkey's part of either as its stake is made up of the two.
 * @returns alpha rao of both pots by uid
 */
export function payValidators(
  store: Store,
  netuid: number,
  hotkeys: readonly string[],
  shares: readonly number[],
): bigint[] {
  const pots = [subnets.PendingValidatorEmission, subnets.PendingRootAlphaDivs] as const;
  const [ofAlpha, ofRoot] = pots.map((pot) => store.get(pot, netuid)) as [bigint, bigint];
  const earners = earnersOf(store, netuid, hotkeys, shares);
  clear(store, netuid);
  store.put(subnets.PendingValidatorEmission, payAlpha(store, netuid, earners, ofAlpha), netuid);
  store.put(subnets.PendingRootAlphaDivs, payRoot(store, netuid, earners, ofRoot), netuid);
  return divide(ofAlpha + ofRoot, shares).parts;
}

interface Earner {
  readonly hotkey: string;
  /** Of all dividends, for its alpha. */
  readonly alphaShare: number;
  /** The same for its TAO on root. */
  readonly rootShare: number;
}

/** Dividends of a child are its parents' too; some of those have no place on the subnet themselves. */
function earnersOf(
  store: Store,
  netuid: number,
  hotkeys: readonly string[],
  shares: readonly number[],
): Earner[] {
  const all = new Map<string, number>();
  for (const [uid, earner] of hotkeys.entries()) {
    const share = shares[uid] ?? 0;
    if (share === 0) continue;
    for (const [hotkey, part] of familyShares(store, earner, netuid, share))
      all.set(hotkey, (all.get(hotkey) ?? 0) + part);
  }
  return [...all].map(([hotkey, share]) => {
    const alpha = alphaShare(store, hotkey, netuid);
    return { hotkey, alphaShare: share * alpha, rootShare: share * (1 - alpha) };
  });
}

function clear(store: Store, netuid: number): void {
  for (const last of [subnets.AlphaDividendsPerSubnet, rootItems.RootAlphaDividendsPerSubnet])
    for (const [, hotkey] of store.keys(last, netuid)) store.remove(last, netuid, hotkey);
}

/** The take to the hotkey's owner, the rest to all who back it. @returns what rounding leaves */
function payAlpha(store: Store, netuid: number, earners: readonly Earner[], pot: bigint): bigint {
  const { parts, rest } = divide(
    pot,
    earners.map((earner) => earner.alphaShare),
  );
  for (const [i, { hotkey }] of earners.entries()) {
    const alpha = parts[i] ?? 0n;
    if (alpha === 0n) continue;
    const take = takeOf(store, hotkey, alpha);
    rewardHotkey(store, hotkey, netuid, alpha - take);
    addStake(store, hotkey, store.get(subnets.Owner, hotkey), netuid, take);
    store.put(subnets.AlphaDividendsPerSubnet, alpha - take, netuid, hotkey);
    const held = store.get(subnets.TotalHotkeyAlpha, hotkey, netuid);
    store.put(described.TotalHotkeyAlphaLastEpoch, held, hotkey, netuid);
  }
  return rest;
}

/** The take at once, in alpha; the rest waits for claims. @returns what rounding leaves */
function payRoot(store: Store, netuid: number, earners: readonly Earner[], pot: bigint): bigint {
  if (pot === 0n) return 0n;
  const { parts, rest } = divide(
    pot,
    earners.map((earner) => earner.rootShare),
  );
  let left = rest;
  for (const [i, { hotkey }] of earners.entries()) {
    const alpha = parts[i] ?? 0n;
    if (alpha === 0n) continue;
    const take = takeOf(store, hotkey, alpha);
    addStake(store, hotkey, store.get(subnets.Owner, hotkey), netuid, take);
    left += shareAmongRoot(store, hotkey, netuid, alpha - take);
    store.put(rootItems.RootAlphaDividendsPerSubnet, alpha - take, netuid, hotkey);
  }
  return left;
}

const takeOf = (store: Store, hotkey: string, alpha: bigint): bigint =>
  (alpha * BigInt(store.get(subnets.Delegates, hotkey))) / U16_MAX;

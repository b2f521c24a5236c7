import { U16_MAX } from '../../economy/emission.ts';
import type { Store } from '../store.ts';
import { childrenItems } from './children-items.ts';
import { described } from './described.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

/** The whole of which each child has a part. */
export const WHOLE = 2n ** 64n - 1n;

/** Alpha and root TAO, rao, that count for a hotkey on a subnet. */
export interface Backing {
  readonly alpha: bigint;
  readonly tao: bigint;
}

const ownOf = (store: Store, hotkey: string, netuid: number): Backing => ({
  alpha: store.get(subnets.TotalHotkeyAlpha, hotkey, netuid),
  tao: store.get(subnets.TotalHotkeyAlpha, hotkey, ROOT_NETUID),
});

const partOf = ({ alpha, tao }: Backing, part: bigint): Backing => ({
  alpha: (alpha * part) / WHOLE,
  tao: (tao * part) / WHOLE,
});

/** TAO counts by the chain's `TaoWeight` of 2^64. */
export const weightOf = (store: Store, { alpha, tao }: Backing): bigint =>
  tao === 0n ? alpha : alpha + ((tao * store.get(described.TaoWeight)) >> 64n);

/** What a hotkey has itself, less what it lends to its children, with what its parents lend it. */
export function backingOf(store: Store, hotkey: string, netuid: number): Backing {
  let { alpha, tao } = keptOf(store, hotkey, netuid);
  for (const [part, parent] of store.get(childrenItems.ParentKeys, hotkey, netuid)) {
    const lent = partOf(ownOf(store, parent, netuid), part);
    alpha += lent.alpha;
    tao += lent.tao;
  }
  return { alpha, tao };
}

function keptOf(store: Store, hotkey: string, netuid: number): Backing {
  const own = ownOf(store, hotkey, netuid);
  let { alpha, tao } = own;
  for (const [part] of store.get(childrenItems.ChildKeys, hotkey, netuid)) {
    const lent = partOf(own, part);
    alpha -= lent.alpha;
    tao -= lent.tao;
  }
  return { alpha, tao };
}

/** What a hotkey counts on a subnet. */
export const stakeWeight = (store: Store, hotkey: string, netuid: number): bigint =>
  weightOf(store, backingOf(store, hotkey, netuid));

/** Which part of a hotkey's own stake is alpha, 0 to 1; all of it where nothing is there at all. */
export function alphaShare(store: Store, hotkey: string, netuid: number): number {
  const own = ownOf(store, hotkey, netuid);
  if (own.tao === 0n) return 1;
  const whole = weightOf(store, own);
  return whole === 0n ? 1 : Number(own.alpha) / Number(whole);
}

/**
 * Whose a hotkey's dividends are: its parents' as far as their stake has earned them, less the take it has of parents
 * with another owner; the rest is its own.
 * @param share of all dividends of the subnet
 * @returns parts of the share by hotkey, their sum the share itself but for rounding
 */
export function familyShares(
  store: Store,
  hotkey: string,
  netuid: number,
  share: number,
): (readonly [hotkey: string, share: number])[] {
  const parents = store.get(childrenItems.ParentKeys, hotkey, netuid);
  if (parents.length === 0) return [[hotkey, share]];
  const lent = parents.map(([part, parent]) => weightOf(store, partOf(ownOf(store, parent, netuid), part)));
  const whole = lent.reduce((sum, each) => sum + each, weightOf(store, keptOf(store, hotkey, netuid)));
  const owner = store.get(subnets.Owner, hotkey);
  const take = store.get(childrenItems.ChildkeyTake, hotkey, netuid) / Number(U16_MAX);
  const shares = parents.map(([, parent], i): readonly [string, number] => {
    const earned = whole === 0n ? 0 : (share * Number(lent[i] ?? 0n)) / Number(whole);
    return [parent, store.get(subnets.Owner, parent) === owner ? earned : earned * (1 - take)];
  });
  const paid = shares.reduce((sum, [, each]) => sum + each, 0);
  return [...shares, [hotkey, Math.max(0, share - paid)]];
}

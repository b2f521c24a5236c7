import { fromHex } from '../../scale/hex.ts';
import { badOrigin } from '../failure.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { systemStorage } from '../system.ts';
import {
  alphaAtMost,
  bitsOf,
  indexColdkey,
  raoAtMost,
  rateOf,
  rateOn,
  setRate,
  wholeRao,
} from './claimed.ts';
import { fail } from './failures.ts';
import { isServable, quoteSell, settle } from './reserves.ts';
import { type RootClaimType, rootItems } from './root-items.ts';
import { addStake, putOnRoot, stakeOf } from './stake.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

/** Subnets of one claim. */
const MAX_SUBNETS = 5;
/** Alpha rao: the highest least claim that a subnet may ask for. */
const MAX_THRESHOLD = 10_000_000n;

/**
 * Shares alpha among all TAO behind a hotkey on root. More alpha than TAO is not shared: it is the hotkey's owner's.
 * @returns alpha rao that the rate is too coarse to take in
 */
export function shareAmongRoot(store: Store, hotkey: string, netuid: number, alpha: bigint): bigint {
  const tao = store.get(subnets.TotalHotkeyAlpha, hotkey, ROOT_NETUID);
  if (alpha > tao) {
    addStake(store, hotkey, store.get(subnets.Owner, hotkey), netuid, alpha);
    return 0n;
  }
  if (alpha === 0n) return 0n;
  const added = rateOf(alpha, tao);
  setRate(store, hotkey, netuid, rateOn(store, hotkey, netuid) + added);
  return alpha - alphaAtMost(added, tao);
}

/** Alpha rao of a subnet that a coldkey may claim for its TAO behind a hotkey. */
export const owedTo = (store: Store, hotkey: string, coldkey: string, netuid: number): bigint =>
  wholeRao(owedBits(store, hotkey, coldkey, netuid));

/** The same with the fraction of a rao that the rate has brought. */
function owedBits(store: Store, hotkey: string, coldkey: string, netuid: number): bigint {
  const earned = rateOn(store, hotkey, netuid) * stakeOf(store, hotkey, coldkey, ROOT_NETUID);
  const owed = earned - bitsOf(store.get(rootItems.RootClaimed, netuid, hotkey, coldkey));
  return owed > 0n ? owed : 0n;
}

/** Pays out on the subnets that are named what each of a coldkey's hotkeys owes it. */
export function claimRoot(
  context: Context,
  coldkey: string,
  { subnets: netuids }: { readonly subnets: readonly number[] },
): void {
  if (netuids.length === 0 || netuids.length > MAX_SUBNETS) throw fail('InvalidSubnetNumber');
  indexColdkey(context.store, coldkey);
  claimAll(context, coldkey, netuids);
}

export function setRootClaimType(
  { store, emit }: Context,
  coldkey: string,
  { new_root_claim_type: type }: { readonly new_root_claim_type: RootClaimType },
): void {
  if (type.type === 'KeepSubnets' && type.value.subnets.length === 0) throw fail('InvalidSubnetNumber');
  indexColdkey(store, coldkey);
  store.put(rootItems.RootClaimType, type, coldkey);
  emit('SubtensorModule', 'RootClaimTypeSet', { coldkey, root_claim_type: type });
}

/** A subnet's owner says what is too little to be claimed. */
export function setRootClaimThreshold(
  { store }: Context,
  coldkey: string,
  { netuid, new_value }: { readonly netuid: number; readonly new_value: bigint },
): void {
  if (store.get(subnets.SubnetOwner, netuid) !== coldkey) throw badOrigin();
  if (new_value > MAX_THRESHOLD) throw fail('InvalidRootClaimThreshold');
  store.put(rootItems.RootClaimableThreshold, { bits: bitsOf(new_value) }, netuid);
}

/** @param netuids null: all */
function claimAll(context: Context, coldkey: string, netuids: readonly number[] | null): void {
  const { store, emit } = context;
  for (const hotkey of store.get(subnets.StakingHotkeys, coldkey))
    for (const [netuid] of store.get(rootItems.RootClaimable, hotkey))
      if (netuids === null || netuids.includes(netuid)) claimOne(context, hotkey, coldkey, netuid);
  emit('SubtensorModule', 'RootClaimed', { coldkey });
}

function claimOne({ store }: Context, hotkey: string, coldkey: string, netuid: number): void {
  const owed = owedTo(store, hotkey, coldkey, netuid);
  if (owed === 0n || bitsOf(owed) < store.get(rootItems.RootClaimableThreshold, netuid).bits) return;
  if (isKept(store.get(rootItems.RootClaimType, coldkey), netuid))
    addStake(store, hotkey, coldkey, netuid, owed);
  else if (!sellForRoot(store, hotkey, coldkey, netuid, owed)) return;
  store.change(rootItems.RootClaimed, (claimed) => claimed + owed, netuid, hotkey, coldkey);
}

const isKept = ({ type, value }: RootClaimType, netuid: number): boolean =>
  type === 'Keep' || (type === 'KeepSubnets' && value.subnets.includes(netuid));

/** Sold at no fee; the TAO stays on root. @returns false where the pool gives nothing for it */
function sellForRoot(store: Store, hotkey: string, coldkey: string, netuid: number, alpha: bigint): boolean {
  if (!isServable(store, netuid, alpha, 'alphaRao')) return false;
  const { received, after } = quoteSell(store, netuid, alpha, 0n);
  if (received === 0n) return false;
  settle(store, netuid, after);
  store.change(subnets.SubnetAlphaOut, (out) => out - alpha, netuid);
  // 393 leaves this TAO out of root's own count; later chains put it in, and without it it would be lost.
  putOnRoot(store, hotkey, coldkey, received);
  return true;
}

/** Each block claims for a few coldkeys of the list; the hash of the block before says for which. */
export function claimByLot(context: Context): void {
  const { store } = context;
  const count = store.get(rootItems.NumStakingColdkeys);
  if (count === 0n) return;
  const draws = Number(store.get(rootItems.NumRootClaim));
  for (const index of drawn(store.get(systemStorage.ParentHash), draws, count)) {
    const coldkey = store.get(rootItems.StakingColdkeysByIndex, index);
    if (coldkey !== null) claimAll(context, coldkey, null);
  }
}

/** Different places below `count`, ascending: each so far behind the last as eight of the hash's bytes say, in turn. */
export function drawn(hash: string, draws: number, count: bigint): bigint[] {
  const bytes = fromHex(hash);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = new Set<bigint>();
  let last = view.getBigUint64(0);
  for (let i = 0; i < draws; i++) {
    const next = last + view.getBigUint64((i * 8) % 32);
    last = (next > U64_MAX ? U64_MAX : next) % count;
    places.add(last);
  }
  return [...places].sort((a, b) => (a < b ? -1 : 1));
}

const U64_MAX = 2n ** 64n - 1n;

/** What is owed to all who stand behind two hotkeys on root, taken down before one takes the other's place. */
export function debtsOf(store: Store, from: string, to: string): Debt[] {
  const netuids = new Set(
    [from, to].flatMap((hotkey) => store.get(rootItems.RootClaimable, hotkey).map(([netuid]) => netuid)),
  );
  if (netuids.size === 0) return [];
  const onRoot = (hotkey: string) =>
    store.keys(subnets.Alpha, hotkey).flatMap(([, who, netuid]) => (netuid === ROOT_NETUID ? [who] : []));
  const coldkeys = new Set([from, to].flatMap(onRoot));
  return [...netuids].flatMap((netuid) =>
    [...coldkeys].map((coldkey) => {
      const owed = owedBits(store, from, coldkey, netuid) + owedBits(store, to, coldkey, netuid);
      return { netuid, coldkey, owed };
    }),
  );
}

interface Debt {
  readonly netuid: number;
  readonly coldkey: string;
  /** Alpha rao with its fraction. */
  readonly owed: bigint;
}

/** The rates of both are the new one's, as on the chain; each holder's count then says what was owed, and no more. */
export function carryDebts(store: Store, from: string, to: string, debts: readonly Debt[]): void {
  for (const [netuid, { bits }] of store.get(rootItems.RootClaimable, from))
    setRate(store, to, netuid, rateOn(store, to, netuid) + bits);
  store.remove(rootItems.RootClaimable, from);
  for (const { netuid, coldkey, owed } of debts) {
    store.remove(rootItems.RootClaimed, netuid, from, coldkey);
    const earned = rateOn(store, to, netuid) * stakeOf(store, to, coldkey, ROOT_NETUID);
    store.put(rootItems.RootClaimed, earned > owed ? raoAtMost(earned - owed) : 0n, netuid, to, coldkey);
  }
}

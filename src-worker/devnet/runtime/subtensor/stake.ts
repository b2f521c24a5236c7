import type { Store } from '../store.ts';
import { indexColdkey, lowerClaimed, raiseClaimed } from './claimed.ts';
import { reservesOf, settle } from './reserves.ts';
import { NO_ACCOUNT, ROOT_NETUID, subnets } from './storage.ts';

/**
 * Stake is held as shares of what backs a hotkey, so that dividends reach all who stand behind it by raising one
 * number. A single holder reads back exactly what was put in; among several, rounding stays with the hotkey.
 */
const SHARE_ONE = 1n << 64n;

export function stakeOf(store: Store, hotkey: string, coldkey: string, netuid: number): bigint {
  const total = store.get(subnets.TotalHotkeyShares, hotkey, netuid).bits;
  if (total === 0n) return 0n;
  return (
    (store.get(subnets.TotalHotkeyAlpha, hotkey, netuid) *
      store.get(subnets.Alpha, hotkey, coldkey, netuid).bits) /
    total
  );
}

export function addStake(store: Store, hotkey: string, coldkey: string, netuid: number, alpha: bigint): void {
  if (alpha === 0n) return;
  const held = store.get(subnets.TotalHotkeyAlpha, hotkey, netuid);
  const shares = store.get(subnets.TotalHotkeyShares, hotkey, netuid).bits;
  const added = shares === 0n || held === 0n ? alpha * SHARE_ONE : (shares * alpha) / held;
  store.put(subnets.TotalHotkeyAlpha, held + alpha, hotkey, netuid);
  store.put(subnets.TotalHotkeyShares, { bits: shares + added }, hotkey, netuid);
  store.change(subnets.Alpha, ({ bits }) => ({ bits: bits + added }), hotkey, coldkey, netuid);
  if (netuid === ROOT_NETUID) {
    raiseClaimed(store, hotkey, coldkey, alpha);
    indexColdkey(store, coldkey);
  }
  const staking = store.get(subnets.StakingHotkeys, coldkey);
  if (!staking.includes(hotkey)) store.put(subnets.StakingHotkeys, [...staking, hotkey], coldkey);
}

/** The caller has checked that so much is there. */
export function removeStake(
  store: Store,
  hotkey: string,
  coldkey: string,
  netuid: number,
  alpha: bigint,
): void {
  const held = store.get(subnets.TotalHotkeyAlpha, hotkey, netuid);
  const shares = store.get(subnets.TotalHotkeyShares, hotkey, netuid).bits;
  const mine = store.get(subnets.Alpha, hotkey, coldkey, netuid).bits;
  const all = alpha >= stakeOf(store, hotkey, coldkey, netuid);
  // Rounded up: nobody keeps a share of what they have taken out.
  const wanted = (shares * alpha + held - 1n) / held;
  const taken = all || wanted > mine ? mine : wanted;
  store.put(subnets.TotalHotkeyAlpha, held - alpha, hotkey, netuid);
  store.put(subnets.TotalHotkeyShares, { bits: shares - taken }, hotkey, netuid);
  if (taken === mine) store.remove(subnets.Alpha, hotkey, coldkey, netuid);
  else store.put(subnets.Alpha, { bits: mine - taken }, hotkey, coldkey, netuid);
  if (netuid === ROOT_NETUID) lowerClaimed(store, hotkey, coldkey, alpha);
}

/** TAO that is nobody's yet becomes stake on root, where one alpha is one TAO. */
export function putOnRoot(store: Store, hotkey: string, coldkey: string, rao: bigint): void {
  const root = reservesOf(store, ROOT_NETUID);
  settle(store, ROOT_NETUID, { ...root, taoRao: root.taoRao + rao });
  store.change(subnets.SubnetAlphaOut, (out) => out + rao, ROOT_NETUID);
  addStake(store, hotkey, coldkey, ROOT_NETUID, rao);
}

/** Raises the stake of all who stand behind a hotkey in proportion. Without any, it is the owner's. */
export function rewardHotkey(store: Store, hotkey: string, netuid: number, alpha: bigint): void {
  const isBacked = store.get(subnets.TotalHotkeyShares, hotkey, netuid).bits > 0n;
  if (isBacked) store.change(subnets.TotalHotkeyAlpha, (held) => held + alpha, hotkey, netuid);
  else addStake(store, hotkey, store.get(subnets.Owner, hotkey), netuid, alpha);
}

export const hotkeyExists = (store: Store, hotkey: string): boolean =>
  store.get(subnets.Owner, hotkey) !== NO_ACCOUNT;

/** Binds a hotkey to its coldkey, once and for good. */
export function associate(store: Store, hotkey: string, coldkey: string): void {
  if (hotkeyExists(store, hotkey)) return;
  store.put(subnets.Owner, coldkey, hotkey);
  store.change(subnets.OwnedHotkeys, (owned) => [...owned, hotkey], coldkey);
}

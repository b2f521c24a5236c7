import { U16_MAX } from '../../economy/emission.ts';
import { PRICE_SCALE } from '../../economy/pool.ts';
import { credit, EXISTENTIAL_DEPOSIT, freeRao } from '../balances.ts';
import { commitmentsStorage } from '../commitments.ts';
import type { AnyItem } from '../item.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { childrenItems } from './children-items.ts';
import { setRate } from './claimed.ts';
import { described } from './described.ts';
import { clockStorage } from './epoch-clock.ts';
import { fail } from './failures.ts';
import { flowItems } from './flows.ts';
import { lockItems } from './locks.ts';
import { eraseFurtherMechanisms, mechanismItems } from './mechanisms.ts';
import { newer } from './newer.ts';
import { decayStorage } from './registration-price.ts';
import { reservesOf, setReserves, spotPrice } from './reserves.ts';
import { rootItems } from './root-items.ts';
import { stakeOf } from './stake.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

/**
 * The subnet that gives way where a new one finds no place: of those past their immunity the one with the lowest
 * moving price, of equals the oldest. @returns null where all are immune
 */
export function networkToPrune(store: Store, block: number, netuids: readonly number[]): number | null {
  const immunity = store.get(described.NetworkImmunityPeriod);
  const since = (netuid: number) => store.get(subnets.NetworkRegisteredAt, netuid);
  const price = (netuid: number) => store.get(subnets.SubnetMovingPrice, netuid).bits;
  const mortal = netuids.filter(
    (netuid) => netuid !== ROOT_NETUID && since(netuid) + immunity <= BigInt(block),
  );
  const [first] = mortal.toSorted((a, b) => compare(price(a), price(b)) || compare(since(a), since(b)));
  return first ?? null;
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Ends a subnet: what root is owed there is void, the pool's TAO goes to all who held its alpha in proportion, and
 * nothing of it is left in storage. @throws {Failure} SubnetNotExists
 */
export function dissolve(context: Context, netuid: number): void {
  const { store, emit } = context;
  if (netuid === ROOT_NETUID || !store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  for (const [hotkey] of store.keys(rootItems.RootClaimable)) setRate(store, hotkey, netuid, 0n);
  const [owner, refund] = [store.get(subnets.SubnetOwner, netuid), lockRefund(store, netuid)];
  payOut(context, netuid);
  if (refund > 0n) issueTo(context, owner, refund);
  const hasIdentity = store.has(subnets.SubnetIdentitiesV3, netuid);
  eraseFurtherMechanisms(store, netuid);
  for (const table of tablesOf(context))
    for (const entry of Object.values(table)) erase(store, entry, netuid);
  store.change(commitmentsStorage.TimelockedIndex, (index) => index.filter(([each]) => each !== netuid));
  store.change(subnets.TotalNetworks, (count) => count - 1);
  if (hasIdentity) emit('SubtensorModule', 'SubnetIdentityRemoved', netuid);
  emit('SubtensorModule', 'NetworkRemoved', netuid);
}

/** Everything that holds something of a subnet. */
const tablesOf = ({ release }: Context): readonly Readonly<Record<string, AnyItem>>[] => [
  ...[subnets, described, newer, rootItems, childrenItems, flowItems, mechanismItems, commitmentsStorage],
  ...(release.burnDecay ? [decayStorage] : []),
  ...(release.dynamicTempo ? [clockStorage] : []),
  ...(release.locks ? [lockItems] : []),
];

/** What falls to no account, for want of holders or below the deposit, is gone and may be issued again. */
function payOut(context: Context, netuid: number): void {
  const { store } = context;
  const pot = reservesOf(store, netuid).taoRao;
  setReserves(store, netuid, { taoRao: 0n, alphaRao: 0n });
  const held = store
    .keys(subnets.Alpha)
    .filter(([, , where]) => where === netuid)
    .map(([hotkey, coldkey]) => [coldkey, stakeOf(store, hotkey, coldkey, netuid)] as const)
    .filter(([, alpha]) => alpha > 0n);
  let left = pot;
  for (const [coldkey, rao] of portions(pot, held)) {
    if (freeRao(store, coldkey) === 0n && rao < EXISTENTIAL_DEPOSIT) continue;
    credit(context, coldkey, rao);
    left -= rao;
  }
  store.change(subnets.TotalIssuance, (issued) => issued - left);
}

/**
 * Parts of a pot by alpha, each rounded down; the rao that are left go one each to those who lost most by it.
 * @returns rao by coldkey
 */
export function portions(
  pot: bigint,
  held: readonly (readonly [coldkey: string, alpha: bigint])[],
): Map<string, bigint> {
  const whole = held.reduce((sum, [, alpha]) => sum + alpha, 0n);
  const parts = held.map(([coldkey, alpha]) => ({
    coldkey,
    rao: whole === 0n ? 0n : (pot * alpha) / whole,
    lost: whole === 0n ? 0n : (pot * alpha) % whole,
  }));
  const given = parts.reduce((sum, { rao }) => sum + rao, 0n);
  const inNeed = parts.toSorted((a, b) => compare(b.lost, a.lost));
  const extra = new Set(inNeed.slice(0, Number(whole === 0n ? 0n : pot - given)));
  const paid = new Map<string, bigint>();
  for (const part of parts) {
    const rao = part.rao + (extra.has(part) ? 1n : 0n);
    if (rao > 0n) paid.set(part.coldkey, (paid.get(part.coldkey) ?? 0n) + rao);
  }
  return paid;
}

/** Only who registered before the chain's `NetworkRegistrationStartBlock`: the lock less what the owner's cut is worth. */
function lockRefund(store: Store, netuid: number): bigint {
  const start = store.get(described.NetworkRegistrationStartBlock);
  if (store.get(subnets.NetworkRegisteredAt, netuid) >= start) return 0n;
  const issued = store.get(subnets.SubnetAlphaIn, netuid) + store.get(subnets.SubnetAlphaOut, netuid);
  const cut = (issued * BigInt(store.get(subnets.SubnetOwnerCut))) / U16_MAX;
  const left = store.get(subnets.SubnetLocked, netuid) - (cut * spotPrice(store, netuid)) / PRICE_SCALE;
  return left > 0n ? left : 0n;
}

/** What a lock took out of issuance comes back into it. */
function issueTo(context: Context, coldkey: string, rao: bigint): void {
  if (freeRao(context.store, coldkey) === 0n && rao < EXISTENTIAL_DEPOSIT) return;
  credit(context, coldkey, rao);
  context.store.change(subnets.TotalIssuance, (issued) => issued + rao);
}

/** All that an item holds of a subnet: the first of its keys that is a 16-bit number is the netuid. */
function erase(store: Store, entry: AnyItem, netuid: number): void {
  const at = entry.keys.findIndex(([type]) => type === 'u16');
  if (at < 0) return;
  if (entry.keys.length === 1) store.remove(entry, netuid);
  else
    for (const keys of store.keys<unknown[], unknown>(entry, ...(at === 0 ? [netuid] : [])))
      if (keys[at] === netuid) store.remove(entry, ...keys);
}

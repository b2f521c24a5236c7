import { buy } from '../../economy/pool.ts';
import { type Seat, seatToPrune } from '../../economy/registration.ts';
import { debit, spendableRao } from '../balances.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { fail425 } from './errors-425.ts';
import { fail } from './failures.ts';
import { mechanismIndexes } from './mechanisms.ts';
import { priceAfterSale } from './registration-price.ts';
import { reservesOf, settle } from './reserves.ts';
import { associate, hotkeyExists } from './stake.ts';
import { subnets } from './storage.ts';

/** The price goes into the pool; the alpha it buys is burnt. */
export function registerByBurn(context: Context, coldkey: string, netuid: number, hotkey: string): void {
  const { store } = context;
  checkRegistration(context, netuid, hotkey, coldkey);
  const cost = store.get(subnets.Burn, netuid);
  if (spendableRao(store, coldkey) < cost) throw fail('NotEnoughBalanceToStake');
  const uid = freeUid(store, netuid, context.block);
  if (uid === null) throw fail('NoNeuronIdAvailable');

  debit(context, coldkey, cost, true);
  const { after } = buy(reservesOf(store, netuid), cost);
  settle(store, netuid, after);
  store.change(subnets.RAORecycledForRegistration, (rao) => rao + cost, netuid);
  count(context, netuid);
  priceAfterSale(context, netuid);
  associate(store, hotkey, coldkey);
  seat(store, netuid, uid, hotkey, context.block);
  context.emit('SubtensorModule', 'NeuronRegistered', [netuid, uid, hotkey]);
}

/** The same, for no more than the limit. @param limitRao what the price may be at most */
export function registerWithin(
  context: Context,
  coldkey: string,
  {
    netuid,
    hotkey,
    limitRao,
  }: { readonly netuid: number; readonly hotkey: string; readonly limitRao: bigint },
): void {
  checkPlace(context.store, netuid);
  if (context.store.get(subnets.Burn, netuid) > limitRao) throw fail425('RegistrationPriceLimitExceeded');
  registerByBurn(context, coldkey, netuid, hotkey);
}

/** Where the price falls by itself there is nothing to count by the interval. */
function count({ store, release }: Context, netuid: number): void {
  const ofInterval = [subnets.RegistrationsThisInterval, subnets.BurnRegistrationsThisInterval];
  for (const counter of [subnets.RegistrationsThisBlock, ...(release.burnDecay ? [] : ofInterval)])
    store.change(counter, (sold) => sold + 1, netuid);
}

function checkPlace(store: Store, netuid: number): void {
  if (netuid === 0) throw fail('RegistrationNotPermittedOnRootSubnet');
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
}

function checkRegistration(
  { store, release }: Context,
  netuid: number,
  hotkey: string,
  coldkey: string,
): void {
  checkPlace(store, netuid);
  if (!store.get(subnets.NetworkRegistrationAllowed, netuid)) throw fail('SubNetRegistrationDisabled');
  if (!release.burnDecay) checkCounts(store, netuid);
  if (store.has(subnets.Uids, netuid, hotkey)) throw fail('HotKeyAlreadyRegisteredInSubNet');
  if (hotkeyExists(store, hotkey) && store.get(subnets.Owner, hotkey) !== coldkey)
    throw fail('NonAssociatedColdKey');
}

function checkCounts(store: Store, netuid: number): void {
  const most = store.get(subnets.MaxRegistrationsPerBlock, netuid);
  if (store.get(subnets.RegistrationsThisBlock, netuid) >= most) throw fail('TooManyRegistrationsThisBlock');
  const target = store.get(subnets.TargetRegistrationsPerInterval, netuid);
  if (store.get(subnets.RegistrationsThisInterval, netuid) >= 3 * target)
    throw fail('TooManyRegistrationsThisInterval');
}

/** The next uid, or that of the neuron to be pruned; null where nobody may be. */
function freeUid(store: Store, netuid: number, block: number): number | null {
  const count = store.get(subnets.SubnetworkN, netuid);
  if (count < store.get(subnets.MaxAllowedUids, netuid)) return count;
  const kept = keptForOwner(store, netuid);
  const emission = store.get(subnets.Emission, netuid);
  const seats = Array.from(
    { length: count },
    (_, uid): Seat => ({
      uid,
      emissionAlpha: emission[uid] ?? 0n,
      registeredAt: Number(store.get(subnets.BlockAtRegistration, netuid, uid)),
      ownerSeat: kept.has(uid),
    }),
  );
  return seatToPrune(
    seats,
    block,
    store.get(subnets.ImmunityPeriod, netuid),
    store.get(subnets.MinNonImmuneUids, netuid),
  );
}

/** Uids that a subnet's owner keeps whatever they earn: of its own hotkey, and of as many others as are allowed, the newest. */
function keptForOwner(store: Store, netuid: number): Set<number> {
  const owned = store.get(subnets.OwnedHotkeys, store.get(subnets.SubnetOwner, netuid));
  const seated = owned.flatMap((hotkey) => store.get(subnets.Uids, netuid, hotkey) ?? []);
  const since = (uid: number) => Number(store.get(subnets.BlockAtRegistration, netuid, uid));
  const newest = seated.toSorted((a, b) => since(b) - since(a) || a - b);
  const own = store.get(subnets.Uids, netuid, store.get(subnets.SubnetOwnerHotkey, netuid));
  const kept = newest.slice(0, store.get(described.ImmuneOwnerUidsLimit, netuid));
  return new Set(own === null ? kept : [own, ...kept]);
}

const perUid = {
  zeroes: [subnets.Consensus, subnets.Dividends, subnets.ValidatorTrust],
  flags: [
    [subnets.Active, true],
    [subnets.ValidatorPermit, false],
  ],
} as const;

/** Gives a uid to a hotkey; nothing of a predecessor remains. */
export function seat(store: Store, netuid: number, uid: number, hotkey: string, block: number): void {
  if (uid < store.get(subnets.SubnetworkN, netuid)) unseat(store, netuid, uid);
  else store.put(subnets.SubnetworkN, uid + 1, netuid);
  store.put(subnets.Keys, hotkey, netuid, uid);
  store.put(subnets.Uids, uid, netuid, hotkey);
  store.put(subnets.BlockAtRegistration, BigInt(block), netuid, uid);
  store.put(subnets.IsNetworkMember, true, hotkey, netuid);
  for (const vector of perUid.zeroes) store.change(vector, (values) => replaced(values, uid, 0), netuid);
  for (const [vector, start] of perUid.flags)
    store.change(vector, (values) => replaced(values, uid, start), netuid);
  store.change(subnets.Emission, (values) => replaced(values, uid, 0n), netuid);
  for (const index of mechanismIndexes(store, netuid)) {
    store.change(subnets.Incentive, (values) => replaced(values, uid, 0), index);
    store.change(subnets.LastUpdate, (values) => replaced(values, uid, BigInt(block)), index);
  }
}

function unseat(store: Store, netuid: number, uid: number): void {
  const gone = store.get(subnets.Keys, netuid, uid);
  store.remove(subnets.Uids, netuid, gone);
  store.remove(subnets.IsNetworkMember, gone, netuid);
  for (const told of [subnets.Axons, described.NeuronCertificates, described.Prometheus])
    store.remove(told, netuid, gone);
  for (const index of mechanismIndexes(store, netuid)) {
    store.remove(subnets.Weights, index, uid);
    store.remove(subnets.Bonds, index, uid);
  }
}

function replaced<T>(values: readonly T[], uid: number, value: T): T[] {
  const copy = [...values];
  copy[uid] = value;
  return copy;
}

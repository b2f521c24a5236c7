import { buy } from '../../economy/pool.ts';
import { type Seat, seatToPrune } from '../../economy/registration.ts';
import { debit, spendableRao } from '../balances.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { reservesOf, settle } from './reserves.ts';
import { associate, hotkeyExists } from './stake.ts';
import { subnets } from './storage.ts';

/** The price goes into the pool; the alpha it buys is burnt. */
export function registerByBurn(context: Context, coldkey: string, netuid: number, hotkey: string): void {
  const { store } = context;
  checkRegistration(store, netuid, hotkey, coldkey);
  const cost = store.get(subnets.Burn, netuid);
  if (spendableRao(store, coldkey) < cost) throw fail('NotEnoughBalanceToStake');
  const uid = freeUid(store, netuid, context.block);
  if (uid === null) throw fail('NoNeuronIdAvailable');

  debit(context, coldkey, cost, true);
  const { after } = buy(reservesOf(store, netuid), cost);
  settle(store, netuid, after);
  store.change(subnets.RAORecycledForRegistration, (rao) => rao + cost, netuid);
  for (const counter of [
    subnets.RegistrationsThisBlock,
    subnets.RegistrationsThisInterval,
    subnets.BurnRegistrationsThisInterval,
  ]) {
    store.change(counter, (count) => count + 1, netuid);
  }
  associate(store, hotkey, coldkey);
  seat(store, netuid, uid, hotkey, context.block);
  context.emit('SubtensorModule', 'NeuronRegistered', [netuid, uid, hotkey]);
}

function checkRegistration(store: Store, netuid: number, hotkey: string, coldkey: string): void {
  if (netuid === 0) throw fail('RegistrationNotPermittedOnRootSubnet');
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (!store.get(subnets.NetworkRegistrationAllowed, netuid)) throw fail('SubNetRegistrationDisabled');
  const target = store.get(subnets.TargetRegistrationsPerInterval, netuid);
  if (
    store.get(subnets.RegistrationsThisBlock, netuid) >= store.get(subnets.MaxRegistrationsPerBlock, netuid)
  ) {
    throw fail('TooManyRegistrationsThisBlock');
  }
  if (store.get(subnets.RegistrationsThisInterval, netuid) >= 3 * target)
    throw fail('TooManyRegistrationsThisInterval');
  if (store.has(subnets.Uids, netuid, hotkey)) throw fail('HotKeyAlreadyRegisteredInSubNet');
  if (hotkeyExists(store, hotkey) && store.get(subnets.Owner, hotkey) !== coldkey)
    throw fail('NonAssociatedColdKey');
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
  zeroes: [subnets.Consensus, subnets.Incentive, subnets.Dividends, subnets.ValidatorTrust],
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
  store.change(subnets.LastUpdate, (values) => replaced(values, uid, BigInt(block)), netuid);
}

function unseat(store: Store, netuid: number, uid: number): void {
  const gone = store.get(subnets.Keys, netuid, uid);
  store.remove(subnets.Uids, netuid, gone);
  store.remove(subnets.IsNetworkMember, gone, netuid);
  for (const told of [subnets.Axons, described.NeuronCertificates, described.Prometheus])
    store.remove(told, netuid, gone);
  store.remove(subnets.Weights, netuid, uid);
  store.remove(subnets.Bonds, netuid, uid);
}

function replaced<T>(values: readonly T[], uid: number, value: T): T[] {
  const copy = [...values];
  copy[uid] = value;
  return copy;
}

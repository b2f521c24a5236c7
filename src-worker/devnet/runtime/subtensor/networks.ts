import { blockEmission, FULL_EMISSION } from '../../economy/emission.ts';
import { debit, spendableRao } from '../balances.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { startClock } from './epoch-clock.ts';
import { fail } from './failures.ts';
import { dissolve, networkToPrune } from './network-end.ts';
import { seat } from './neurons.ts';
import { setReserves } from './reserves.ts';
import { associate, hotkeyExists } from './stake.ts';
import { ROOT_NETUID, type SubnetIdentity, subnets } from './storage.ts';

/**
 * All subnets, ascending: those of the genesis, and those registered since; of either only those that are still there.
 * `TotalNetworks` says how many there are to be found. Root counts, but is none of them.
 */
export function netuidsOf(store: Store, atGenesis: readonly number[]): number[] {
  const isThere = (netuid: number) => store.get(subnets.NetworksAdded, netuid);
  const known = new Set(atGenesis.filter(isThere));
  const count = store.get(subnets.TotalNetworks) - 1;
  for (let netuid = 1; known.size < count && netuid <= NETUID_MAX; netuid++)
    if (!known.has(netuid) && isThere(netuid)) known.add(netuid);
  return [...known].sort((a, b) => a - b);
}

const NETUID_MAX = 65_535;

/**
 * What a new subnet costs now, in rao: twice the last price, falling by that price every 100,800 blocks; after each
 * halving of emission twice as fast.
 */
export function lockCostRao(store: Store, block: number): bigint {
  const [last, least] = [store.get(subnets.NetworkLastLockCost), store.get(subnets.NetworkMinLockCost)];
  const lastAt = store.get(subnets.LastRateLimitedBlock, LAST_REGISTERED);
  const emission = blockEmission(store.get(subnets.TotalIssuance));
  const interval = (store.get(subnets.NetworkLockReductionInterval) * emission) / FULL_EMISSION;
  const fallen = interval === 0n ? 0n : (last / interval) * (BigInt(block) - lastAt);
  const cost = last * (lastAt === 0n ? 1n : 2n) - fallen;
  return cost > least ? cost : least;
}

const LAST_REGISTERED = { type: 'NetworkLastRegistered', value: undefined } as const;

/**
 * A new subnet with its owner's hotkey at uid 0, in the place of another where there are as many as may be; its pool opens at one TAO for one alpha and waits for start_call. */
export function registerNetwork(context: Context, coldkey: string, hotkey: string): void {
  const { store, block } = context;
  if (hotkeyExists(store, hotkey) && store.get(subnets.Owner, hotkey) !== coldkey)
    throw fail('NonAssociatedColdKey');
  const lastAt = store.get(subnets.LastRateLimitedBlock, LAST_REGISTERED);
  if (lastAt > 0n && BigInt(block) - lastAt < store.get(subnets.NetworkRateLimit))
    throw fail('NetworkTxRateLimitExceeded');
  const taken = context.netuids();
  const isFull = taken.length >= store.get(subnets.SubnetLimit);
  const pruned = isFull ? networkToPrune(store, block, taken) : null;
  if (isFull && pruned === null) throw fail('SubnetLimitReached');
  const cost = lockCostRao(store, block);
  if (spendableRao(store, coldkey) < cost) throw fail('CannotAffordLockCost');

  debit(context, coldkey, cost, true);
  store.put(subnets.NetworkLastLockCost, cost);
  store.put(subnets.LastRateLimitedBlock, BigInt(block), LAST_REGISTERED);
  if (pruned !== null) dissolve(context, pruned);
  associate(store, hotkey, coldkey);
  const netuid = pruned ?? lowestFree(taken);
  found(context, netuid, coldkey, cost);
  store.put(subnets.SubnetOwnerHotkey, hotkey, netuid);
  seat(store, netuid, 0, hotkey, block);
  context.emit('SubtensorModule', 'NetworkAdded', [netuid, 0]);
}

function lowestFree(taken: readonly number[]): number {
  let netuid = ROOT_NETUID + 1;
  while (taken.includes(netuid)) netuid++;
  return netuid;
}

/** The least lock becomes the pool; what was paid beyond it is gone and may be issued again. */
function found(context: Context, netuid: number, owner: string, costRao: bigint): void {
  const { store, block } = context;
  const pool = store.get(subnets.NetworkMinLockCost);
  store.put(subnets.NetworksAdded, true, netuid);
  store.change(subnets.TotalNetworks, (count) => count + 1);
  store.put(subnets.NetworkRegisteredAt, BigInt(block), netuid);
  store.put(subnets.SubnetMechanism, 1, netuid);
  store.put(subnets.SubnetOwner, owner, netuid);
  store.put(subnets.SubnetLocked, costRao, netuid);
  setReserves(store, netuid, { taoRao: pool, alphaRao: pool });
  store.change(subnets.TotalIssuance, (issued) => issued - (costRao - pool));
  store.put(subnets.RAORecycledForRegistration, costRao - pool, netuid);
  configure(store, netuid);
  startClock(context, netuid);
}

/** Where a new subnet differs from what its storage falls back to. */
function configure(store: Store, netuid: number): void {
  store.put(subnets.ImmunityPeriod, 5_000, netuid);
  store.put(subnets.MinAllowedWeights, 1, netuid);
  store.put(subnets.MaxAllowedValidators, 64, netuid);
  store.put(subnets.Burn, 1_000_000_000n, netuid);
  store.put(subnets.Yuma3On, true, netuid);
}

/** Longest bytes of each field of an identity. */
const IDENTITY_BYTES: Readonly<Record<keyof SubnetIdentity, number>> = {
  subnet_name: 256,
  github_repo: 1_024,
  subnet_contact: 1_024,
  subnet_url: 1_024,
  discord: 256,
  description: 1_024,
  logo_url: 1_024,
  additional: 1_024,
};

export function setSubnetIdentity(
  { store, emit }: Context,
  coldkey: string,
  { netuid, ...identity }: { readonly netuid: number } & SubnetIdentity,
): void {
  if (store.get(subnets.SubnetOwner, netuid) !== coldkey) throw fail('NotSubnetOwner');
  for (const [field, most] of Object.entries(IDENTITY_BYTES))
    if (identity[field as keyof SubnetIdentity].length > most) throw fail('InvalidIdentity');
  store.put(subnets.SubnetIdentitiesV3, identity, netuid);
  emit('SubtensorModule', 'SubnetIdentitySet', netuid);
}

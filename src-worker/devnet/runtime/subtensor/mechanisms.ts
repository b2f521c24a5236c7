import { U16_MAX } from '../../economy/emission.ts';
import { item } from '../item.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { subnets } from './storage.ts';

/** Storage of SubtensorModule at 393 for subnets that weigh their miners by more than one measure. */
export const mechanismItems = {
  MaxMechanismCount: item<[], number>([], 'u8', 2),
  MechanismCountCurrent: item<[number], number>([['u16', 'Twox64Concat']], 'u8', 1),
  /** Parts of 65535; null: all alike. */
  MechanismEmissionSplit: item<[number], number[] | null>([['u16', 'Twox64Concat']], 'Vec<u16>', null),
};

/** Under numbers so far apart the chain keeps what belongs to the mechanisms of one subnet; the first under its own. */
const STRIDE = 4_096;
/** Uids of all mechanisms of a subnet together. */
const MAX_UIDS = 256;

export const mechanismIndex = (netuid: number, mecid: number): number => netuid + STRIDE * mecid;

export const netuidOfIndex = (index: number): number => index % STRIDE;

/** The numbers of a subnet's mechanisms, the first one's own included. */
export const mechanismIndexes = (store: Store, netuid: number): number[] =>
  Array.from({ length: store.get(mechanismItems.MechanismCountCurrent, netuid) }, (_, mecid) =>
    mechanismIndex(netuid, mecid),
  );

export const hasMechanism = (store: Store, netuid: number, mecid: number): boolean =>
  mecid < store.get(mechanismItems.MechanismCountCurrent, netuid);

/** @throws {Failure} SubnetNotExists, MechanismDoesNotExist */
export function checkMechanism(store: Store, netuid: number, mecid: number): void {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (!hasMechanism(store, netuid, mecid)) throw fail('MechanismDoesNotExist');
}

/** More mechanisms begin with no votes; of fewer nothing is left. The split is even again. @throws {Failure} */
export function setMechanismCount(store: Store, netuid: number, count: number): void {
  const before = store.get(mechanismItems.MechanismCountCurrent, netuid);
  if (count === 0 || count > store.get(mechanismItems.MaxMechanismCount)) throw fail('InvalidValue');
  // A number beyond the stride would be another subnet's.
  if (count > 1 && netuid >= STRIDE) throw fail('InvalidValue');
  if (!fitsUids(store.get(subnets.MaxAllowedUids, netuid), count)) throw fail('TooManyUIDsPerMechanism');
  if (count === before) return;
  for (let mecid = count; mecid < before; mecid++) eraseMechanism(store, mechanismIndex(netuid, mecid));
  for (let mecid = before; mecid < count; mecid++)
    beginMechanism(store, netuid, mechanismIndex(netuid, mecid));
  store.put(mechanismItems.MechanismCountCurrent, count, netuid);
  store.remove(mechanismItems.MechanismEmissionSplit, netuid);
}

export const fitsUids = (maxUids: number, mechanisms: number): boolean => maxUids * mechanisms <= MAX_UIDS;

function beginMechanism(store: Store, netuid: number, index: number): void {
  const count = store.get(subnets.SubnetworkN, netuid);
  store.put(subnets.LastUpdate, new Array<bigint>(count).fill(0n), index);
  store.put(subnets.Incentive, new Array<number>(count).fill(0), index);
}

/** What lies under one mechanism's number. */
function eraseMechanism(store: Store, index: number): void {
  for (const vector of [subnets.LastUpdate, subnets.Incentive])
    store.remove<[number], unknown>(vector, index);
  for (const rows of [subnets.Weights, subnets.Bonds])
    for (const keys of store.keys(rows, index)) store.remove(rows, ...keys);
  for (const keys of store.keys(subnets.TimelockedWeightCommits, index))
    store.remove(subnets.TimelockedWeightCommits, ...keys);
  for (const keys of store.keys(described.WeightCommits, index))
    store.remove(described.WeightCommits, ...keys);
}

/** All but the first, which lies where the subnet's own does. */
export function eraseFurtherMechanisms(store: Store, netuid: number): void {
  for (const index of mechanismIndexes(store, netuid).slice(1)) eraseMechanism(store, index);
}

/** Which part of a subnet's emission each mechanism pays out. @param split null: all alike. @throws {Failure} */
export function setMechanismSplit(store: Store, netuid: number, split: number[] | null): void {
  if (split === null) {
    store.remove(mechanismItems.MechanismEmissionSplit, netuid);
    return;
  }
  const count = store.get(mechanismItems.MechanismCountCurrent, netuid);
  const whole = split.reduce((sum, part) => sum + part, 0);
  if (split.length === 0 || split.length > count || whole !== Number(U16_MAX)) throw fail('InvalidValue');
  store.put(mechanismItems.MechanismEmissionSplit, split, netuid);
}

/** A pot by mechanism; what does not divide is the first one's. */
export function splitByMechanism(store: Store, netuid: number, pot: bigint): bigint[] {
  const count = store.get(mechanismItems.MechanismCountCurrent, netuid);
  const split = store.get(mechanismItems.MechanismEmissionSplit, netuid);
  const parts = Array.from({ length: count }, (_, mecid) =>
    split ? (pot * BigInt(split[mecid] ?? 0)) / U16_MAX : pot / BigInt(count),
  );
  const rest = parts.reduce((left, part) => left - part, pot);
  return parts.with(0, (parts[0] ?? 0n) + rest);
}

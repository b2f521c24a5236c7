import type { Value } from '../pallet.ts';
import type { Release } from '../release.ts';
import type { Store } from '../store.ts';
import { type Axon, subnets } from '../subtensor/storage.ts';

/** What an API call sees: one block's state, and the codecs. */
export interface ApiState {
  readonly store: Store;
  readonly block: number;
  readonly release: Release;
  /** Root and every subnet of this chain, lowest first. */
  readonly netuids: readonly number[];
  encode(type: string, value: Value): Uint8Array;
}

/** @returns the answer as a value of the API's output type */
export type StateCall = (state: ApiState, args: Value) => Value;
export type StateCalls = Readonly<Record<string, StateCall>>;

export const exists = ({ store }: ApiState, netuid: number): boolean =>
  store.get(subnets.NetworksAdded, netuid);

/** The hotkeys of a subnet by uid. */
export function hotkeysOf({ store }: ApiState, netuid: number): string[] {
  const count = store.get(subnets.SubnetworkN, netuid);
  return Array.from({ length: count }, (_, uid) => store.get(subnets.Keys, netuid, uid));
}

/** One list of a value for every uid, as long as the subnet: storage holds none before its first epoch. */
export const forUids = <T>(values: readonly T[], count: number, absent: T): T[] =>
  Array.from({ length: count }, (_, uid) => values[uid] ?? absent);

/** What is answered for a neuron that serves nothing. */
export const NO_AXON: Axon = {
  block: 0n,
  version: 0,
  ip: 0n,
  port: 0,
  ip_type: 0,
  protocol: 0,
  placeholder1: 0,
  placeholder2: 0,
};

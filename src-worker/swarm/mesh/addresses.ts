import { MAX_ADDRESSES_PER_PEER } from '../limits.ts';
import { bareAddress } from './kinds/bare.ts';
import { addressKinds } from './kinds/kinds.ts';

/** Of addresses learned from peers those that may be dialled from a node that listens at `listenHost`. */
export function dialable(addresses: readonly string[], listenHost: string): string[] {
  const fitting = addresses
    .map(bareAddress)
    .filter((address) => addressKinds.some((kind) => kind.mayDial(address, listenHost)));
  return [...new Set(fitting)].slice(0, MAX_ADDRESSES_PER_PEER);
}

/** Where a peer may be reached too, by where it was seen and what it says it listens on. */
export const observedAddress = (remote: string, announced: readonly string[]): string[] =>
  addressKinds.flatMap((kind) => kind.seenAt(remote, announced));

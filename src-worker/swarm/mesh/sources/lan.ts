import { type PeerDiscovery, type PeerInfo, start, stop } from '@libp2p/interface';
import { mdns } from '@libp2p/mdns';
import { MAX_LAN_ADDRESSES, MDNS_EVERY_MS, MDNS_FORGET_MS } from '../../limits.ts';
import { dialable } from '../addresses.ts';
import type { PeerSource, PeerSourceFactory, Services, Surroundings } from './source.ts';

/** A DNS label: members of other runs in the same house have nothing to say here. */
const serviceTag = (runTag: string): string => `_dt-${runTag}._udp.local`;

/**
 * Peers in the same house, by multicast DNS under a service name of the run: two computers behind one router find each
 * other's inner addresses, which no peer outside could tell them.
 * @param at where multicast goes; left out: where mDNS has its place
 */
export function lan(
  runTag: string,
  at: { readonly ip?: string; readonly port?: number } = {},
): PeerSourceFactory {
  let heard: PeerDiscovery | undefined;
  const mdnsOf = mdns({ ...at, serviceTag: serviceTag(runTag), interval: MDNS_EVERY_MS });
  const services: Services = {
    lan(components) {
      const service = mdnsOf(components);
      heard = service;
      // Told as a source of this mesh alone: libp2p would keep whatever strangers shout into the house for ever.
      return { start: () => start(service), stop: () => stop(service) };
    },
  };
  return { services, make: (around) => heardInHouse(around, () => heard) };
}

/** Keeps so many addresses of those that are told in the house, each until it was not told for a while. */
export function heardInHouse(
  { listenHost, changed }: Pick<Surroundings, 'listenHost' | 'changed'>,
  service: () => Pick<PeerDiscovery, 'addEventListener' | 'removeEventListener'> | undefined,
): PeerSource {
  const seenAtMs = new Map<string, number>();
  const forget = () => {
    const oldestMs = performance.now() - MDNS_FORGET_MS;
    for (const [address, atMs] of seenAtMs) if (atMs < oldestMs) seenAtMs.delete(address);
  };
  const onPeer = ({ detail }: CustomEvent<PeerInfo>) => {
    forget();
    for (const address of dialable(detail.multiaddrs.map(String), listenHost))
      if (seenAtMs.has(address) || seenAtMs.size < MAX_LAN_ADDRESSES)
        seenAtMs.set(address, performance.now());
    changed();
  };
  return {
    addresses() {
      forget();
      return [...seenAtMs.keys()];
    },
    async start() {
      service()?.addEventListener('peer', onPeer);
    },
    async stop() {
      service()?.removeEventListener('peer', onPeer);
    },
  };
}

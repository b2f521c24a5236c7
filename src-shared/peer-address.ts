import { isNearbyHost } from './stores/store-address.ts';

/** What a multiaddr holds at most, here and in the list of runs. */
const CHARS_MAX = 256;
const PEER = /^\/(ip4|ip6|dns4|dns6)\/([^/\s,]{1,253})\/tcp\/\d{1,5}(?:\/p2p\/[A-Za-z0-9]{1,128})?$/;
/** 2000::/3 is all of IPv6 that is reached from everywhere; 2002::/16 has an IPv4 address of any kind in it. */
const PUBLIC_V6 = /^(?!2002:)[23][0-9a-f]{3}:/i;

/** Whether a text is the address of a peer as people write it: a multiaddr of a host and a port. */
export const isPeerAddress = (text: string): boolean => text.length <= CHARS_MAX && PEER.test(text);

/**
 * Whether the address of a peer leads past this computer and the network around it, by what it says: a name may still
 * stand for any number.
 */
export function isReachedFromAfar(address: string): boolean {
  const [, kind, host] = (isPeerAddress(address) && PEER.exec(address)) || [];
  if (host === undefined) return false;
  return kind === 'ip6' ? PUBLIC_V6.test(host) : !isNearbyHost(asDialled(host));
}

/** As a resolver takes it: 10.1 is a number as 10.0.0.1 is. What no resolver takes is no name, like one without a dot. */
function asDialled(host: string): string {
  const url = `http://${host}`;
  return /^[\w.-]+$/.test(host) && URL.canParse(url) ? new URL(url).hostname : '';
}

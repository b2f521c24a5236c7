import { MAX_ADDRESSES_PER_PEER } from '../limits.ts';

const TCP = /^\/(ip4|ip6)\/([0-9a-fA-F.:]+)\/tcp\/(\d{1,5})$/;

/** How far an address reaches; a learned address is dialled only if it reaches at least as far as our own. */
type Reach = 'machine' | 'house' | 'world';
const order: readonly Reach[] = ['machine', 'house', 'world'];

export function reachOf(host: string): Reach {
  if (/^127\./.test(host) || host === '::1') return 'machine';
  if (
    /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
      host,
    )
  )
    return 'house';
  return /^(fe80|f[cd])/i.test(host) ? 'house' : 'world';
}

/** Without the peer id that libp2p appends. */
export const bareAddress = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '');

/**
 * Addresses learned from peers that may be dialled from here: TCP by number only, and none that points into a
 * machine or house unless we live there ourselves; otherwise any peer could make us knock on local doors.
 */
export function dialable(addresses: readonly string[], listenHost: string): string[] {
  const widest = listenHost === '0.0.0.0' || listenHost === '::' ? 'house' : reachOf(listenHost);
  const fitting = addresses.map(bareAddress).filter((address) => {
    const [, , host, port] = TCP.exec(address) ?? [];
    return (
      host !== undefined &&
      Number(port) > 0 &&
      Number(port) < 65_536 &&
      host !== '0.0.0.0' &&
      host !== '::' &&
      order.indexOf(reachOf(host)) >= order.indexOf(widest)
    );
  });
  return [...new Set(fitting)].slice(0, MAX_ADDRESSES_PER_PEER);
}

/** The address at which a peer was seen, with the port it says it listens on: right where no router stands between. */
export function observedAddress(remote: string, announced: readonly string[]): string[] {
  const [, family, host] = TCP.exec(bareAddress(remote)) ?? [];
  const ports = announced.flatMap((address) => TCP.exec(bareAddress(address))?.[3] ?? []);
  return host ? [...new Set(ports)].map((port) => `/${family}/${host}/tcp/${port}`) : [];
}

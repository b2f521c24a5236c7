import { tcp as tcpTransport } from '@libp2p/tcp';
import { SOCKET_AHEAD_BYTES } from '../../limits.ts';
import { bareAddress } from './bare.ts';
import type { AddressKind, Listen } from './kind.ts';
import { mayKnockAt } from './reach.ts';

const TCP = /^\/(ip4|ip6)\/([0-9a-fA-F.:]+)\/tcp\/(\d{1,5})$/;

/** Each socket's own queue, which the system empties while this process does something else. */
const ahead = { highWaterMark: SOCKET_AHEAD_BYTES, noDelay: true };

/** TCP at a number: `/ip4|ip6/<number>/tcp/<port>`. */
export const tcp = (): AddressKind => ({
  transports: () => [tcpTransport({ dialOpts: ahead, listenOpts: ahead })],
  // Who listens everywhere does so in both families. A machine without IPv6 listens in the other one alone.
  listenOn: (at) =>
    at.host === '0.0.0.0' ? [tcpAddress(at), tcpAddress({ ...at, host: '::' })] : [tcpAddress(at)],
  mayDial(address, listenHost) {
    const [, family, host, port] = TCP.exec(address) ?? [];
    const isNumber = host !== undefined && (family === 'ip6') === host.includes(':');
    return isNumber && Number(port) > 0 && Number(port) < 65_536 && mayKnockAt(host, listenHost);
  },
  // Right where no router stands between, or one that forwards that very port.
  seenAt(remote, announced) {
    const [, family, host] = TCP.exec(bareAddress(remote)) ?? [];
    const said = announced.flatMap((address) => {
      const [, of, , port] = TCP.exec(bareAddress(address)) ?? [];
      return of && port ? [{ of, port }] : [];
    });
    const fitting = said.filter(({ of }) => of === family);
    const ports = new Set((fitting.length > 0 ? fitting : said).map(({ port }) => port));
    return host ? [...ports].map((port) => `/${family}/${host}/tcp/${port}`) : [];
  },
});

/** The number of the host that an address leads to; null where it is none of TCP. */
export const tcpHost = (address: string): string | null => TCP.exec(bareAddress(address))?.[2] ?? null;

export const tcpPort = (address: string): number | null =>
  Number(TCP.exec(bareAddress(address))?.[3] ?? 0) || null;

/** The same host at another port; nothing where the address is none of TCP. */
export function withPort(address: string, port: number): string[] {
  const [, family, host] = TCP.exec(bareAddress(address)) ?? [];
  return host ? [`/${family}/${host}/tcp/${port}`] : [];
}

const tcpAddress = ({ host, port }: Listen): string =>
  `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`;

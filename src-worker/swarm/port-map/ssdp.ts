import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pause } from '../../../src-node/waits.ts';
import { ROUTERS_MAX, SSDP_BYTES_MAX, SSDP_MORE_MS, SSDP_WAIT_MS } from './limits.ts';

/** The multicast address of UPnP's searches (UPnP Device Architecture 1.1, section 1.3). */
export const SSDP_AT = { host: '239.255.255.250', port: 1_900 } as const;
const WANTED = [
  'urn:schemas-upnp-org:device:InternetGatewayDevice:1',
  'urn:schemas-upnp-org:device:InternetGatewayDevice:2',
];

export interface SsdpPlace {
  readonly host: string;
  readonly port: number;
}

/**
 * Where routers of this house describe themselves. Each is believed for itself alone: an answer that points to another
 * host than it came from counts for nothing.
 */
export async function searchRouters(at: SsdpPlace, signal: AbortSignal): Promise<URL[]> {
  const socket = createSocket('udp4');
  const found = new Map<string, URL>();
  const over = new AbortController();
  let more: NodeJS.Timeout | undefined;
  socket.on('error', () => over.abort());
  socket.on('message', (message, from) => {
    const url =
      message.length <= SSDP_BYTES_MAX ? locationIn(message.toString('latin1'), from.address) : null;
    if (!url || found.size >= ROUTERS_MAX) return;
    found.set(url.href, url);
    more ??= setTimeout(() => over.abort(), SSDP_MORE_MS);
  });
  try {
    const either = AbortSignal.any([signal, over.signal]);
    socket.bind(0);
    await once(socket, 'listening', { signal: either });
    for (const target of WANTED) socket.send(searchFor(target, at), at.port, at.host, () => {});
    await pause(SSDP_WAIT_MS, either);
  } catch {
    // A computer without a network that takes datagrams finds no router.
  } finally {
    clearTimeout(more);
    socket.close();
  }
  return [...found.values()];
}

/** Answers may be spread over the seconds of MX; one is what a home needs. */
const searchFor = (target: string, { host, port }: SsdpPlace): string =>
  `M-SEARCH * HTTP/1.1\r\nHOST: ${host}:${port}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ${target}\r\n\r\n`;

/** @returns null for whatever is no answer of a router about itself */
export function locationIn(answer: string, from: string): URL | null {
  if (!/^HTTP\/1\.[01] 200/.test(answer)) return null;
  const [, text = ''] = /^location:\s*(\S+)\s*$/im.exec(answer) ?? [];
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'http:' && url.hostname === from ? url : null;
}

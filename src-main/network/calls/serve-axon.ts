import { isIP } from 'node:net';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Writes on chain where a hotkey answers. */
export const serveAxon: CallSpec<CallOf<'serveAxon'>> = {
  names: ['SubtensorModule.serve_axon'],
  build: (session, netuid, call) =>
    extrinsicOf(session, 'SubtensorModule.serve_axon', axonArguments(netuid, call)),
  say: (args) =>
    `serve at ${addressOf(args.amount('ip'), args.count('ipType'))} port ${args.count('port')} on subnet ${args.count('netuid')}`,
};

function axonArguments(netuid: number, axon: CallOf<'serveAxon'>) {
  const ipType = isIP(axon.ip);
  if (ipType === 0) throw new TypeError('not an IP address');
  return {
    netuid,
    version: axon.version,
    ip: ipType === 4 ? ipv4Number(axon.ip) : ipv6Number(axon.ip),
    port: axon.port,
    ipType,
    // 4 is what the subnet's own tools write.
    protocol: 4,
    placeholder1: 0,
    placeholder2: 0,
  };
}

/** The number as people write it; an IPv6 address in its eight groups. */
function addressOf(ip: bigint, ipType: number): string {
  const groups = (count: number, bits: bigint) =>
    Array.from({ length: count }, (_, i) => (ip >> (bits * BigInt(count - 1 - i))) & ((1n << bits) - 1n));
  return ipType === 4
    ? groups(4, 8n).join('.')
    : groups(8, 16n)
        .map((group) => group.toString(16))
        .join(':');
}

export function ipv4Number(ip: string): bigint {
  return ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

export function ipv6Number(ip: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(ip);
  const v4 = dotted ? ipv4Number(dotted[2] ?? '') : 0n;
  const text = dotted ? `${dotted[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}` : ip;
  const [left = '', right] = (text.split('%')[0] ?? '').split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const tail = groups(right ?? '');
  const gap = Array<string>(8 - groups(left).length - tail.length).fill('0');
  return [...groups(left), ...gap, ...tail].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

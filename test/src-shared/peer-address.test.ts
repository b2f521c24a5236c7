import { describe, expect, it } from 'vitest';
import { isPeerAddress, isReachedFromAfar } from '../../src-shared/peer-address.ts';

const reached = [
  '/ip4/203.0.113.5/tcp/4001',
  '/ip4/203.0.113.5/tcp/4001/p2p/12D3KooW',
  '/ip6/2001:db8::1/tcp/4001',
  '/dns4/peer.example.org/tcp/4001',
];
const nearby = [
  '/ip4/127.0.0.1/tcp/4001',
  '/ip4/10.1.2.3/tcp/4001',
  '/ip4/169.254.169.254/tcp/80',
  '/ip6/::1/tcp/4001',
  '/ip6/fe80::1/tcp/4001',
  '/ip6/fd00::1/tcp/4001',
  '/ip6/::ffff:192.168.0.1/tcp/4001',
  '/ip6/2002:c0a8:1::1/tcp/4001',
  '/dns4/10.1/tcp/80',
  '/dns4/0x7f.1/tcp/80',
  '/dns4/me@10.0.0.1/tcp/80',
  '/dns4/router/tcp/80',
  '/dns4/LOCALHOST/tcp/80',
  '/dns6/nas.local/tcp/80',
  '/dns4/host.localdomain/tcp/80',
];
const none = [
  '',
  '/',
  '/unix/tmp/socket',
  '/ip4/203.0.113.5/udp/4001',
  '/ip4/203.0.113.5/tcp/80/ws',
  '/ip4/203.0.113.5/tcp/1/p2p/x/p2p-circuit/ip4/10.0.0.1/tcp/80',
  `/dns4/${'a.'.repeat(140)}org/tcp/80`,
];

describe('the address of a peer', () => {
  it.each(reached)('%s is reached from afar', (address) => {
    expect(isReachedFromAfar(address)).toBe(true);
  });

  it.each(nearby)('%s is one, and is not', (address) => {
    expect(isPeerAddress(address)).toBe(true);
    expect(isReachedFromAfar(address)).toBe(false);
  });

  it.each(none)('"%s" is none', (text) => {
    expect(isPeerAddress(text)).toBe(false);
    expect(isReachedFromAfar(text)).toBe(false);
  });
});

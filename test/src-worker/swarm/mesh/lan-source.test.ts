import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MAX_LAN_ADDRESSES, MDNS_FORGET_MS } from '../../../../src-worker/swarm/limits.ts';
import { heardInHouse } from '../../../../src-worker/swarm/mesh/sources/lan.ts';

const id = peerIdFromString('12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5');

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** A source that has started, and a voice in the house. */
async function listening(listenHost = '0.0.0.0') {
  const house = new EventTarget();
  const changed = vi.fn();
  const source = heardInHouse({ listenHost, changed }, () => house as never);
  await source.start();
  const shout = (...addresses: string[]) => {
    const detail = { id, multiaddrs: addresses.map((address) => multiaddr(address)) };
    house.dispatchEvent(new CustomEvent('peer', { detail }));
  };
  return { source, shout, changed };
}

it('what is told in the house is tried, and left when it was not told for a while', async () => {
  const { source, shout, changed } = await listening();
  shout('/ip4/192.168.1.7/tcp/4001', '/ip4/192.168.1.8/tcp/4001');
  expect(changed).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(MDNS_FORGET_MS - 1);
  shout('/ip4/192.168.1.8/tcp/4001');
  vi.advanceTimersByTime(2);
  expect(source.addresses()).toEqual(['/ip4/192.168.1.8/tcp/4001']);
});

it('whoever shouts has nobody knock at doors of this machine, and takes only so much room', async () => {
  const { source, shout } = await listening();
  shout('/ip4/127.0.0.1/tcp/22', '/dns4/localhost/tcp/22', '/ip4/192.168.1.1/udp/53');
  expect(source.addresses()).toEqual([]);
  for (let port = 1; port <= 5 * MAX_LAN_ADDRESSES; port++) shout(`/ip4/192.168.1.1/tcp/${port}`);
  expect(source.addresses()).toHaveLength(MAX_LAN_ADDRESSES);
});

it('nothing is heard any more once it has stopped', async () => {
  const { source, shout } = await listening();
  await source.stop();
  shout('/ip4/192.168.1.7/tcp/4001');
  expect(source.addresses()).toEqual([]);
});

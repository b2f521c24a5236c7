import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { ss58 } from '../../../../src-shared/units.ts';
import { type LinkConnection, linkOf } from '../../../../src-worker/swarm/mesh/link-state.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const open: LinkConnection = {
  ...{ direction: 'outbound', status: 'open', rtt: 31 },
  remoteAddr: multiaddr('/ip4/8.8.8.8/tcp/4001'),
};
const { rtt: _rtt, ...unasked } = open;

describe('how the connection to a member stands', () => {
  it('is as its newest open one is', () => {
    expect(linkOf(hotkey, [open, { ...open, rtt: 54 }, { ...open, status: 'closed', rtt: 8 }])).toEqual({
      ...{ hotkey, rttMs: 54, way: 'direct', isInbound: false },
    });
  });

  it('has no round trip before the first ping', () => {
    expect(linkOf(hotkey, [unasked]).rttMs).toBeNull();
  });

  const relayed: LinkConnection = {
    ...open,
    rtt: 90,
    remoteAddr: multiaddr('/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/p2p-circuit'),
  };

  it('goes through a relay only where no other connection is open', () => {
    expect(linkOf(hotkey, [{ ...open, status: 'closed' }, relayed])).toMatchObject({
      way: 'relayed',
      rttMs: 90,
    });
    expect(linkOf(hotkey, [open, relayed])).toMatchObject({ way: 'direct', rttMs: 31 });
  });

  it('came by itself where any of them did, and not through a relay', () => {
    expect(linkOf(hotkey, [{ ...open, direction: 'inbound' }, relayed]).isInbound).toBe(true);
    expect(linkOf(hotkey, [open, { ...relayed, direction: 'inbound' }]).isInbound).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { dialable, observedAddress } from '../../../../src-worker/swarm/mesh/addresses.ts';
import { mayKnockAt, reachOf } from '../../../../src-worker/swarm/mesh/kinds/reach.ts';
import { tcp } from '../../../../src-worker/swarm/mesh/kinds/tcp.ts';

describe('how far an address reaches', () => {
  it.each<[string, string]>([
    ['127.9.9.9', 'machine'],
    ['::1', 'machine'],
    ['0:0:0:0:0:0:0:1', 'machine'],
    ['::ffff:127.0.0.1', 'machine'],
    ['::ffff:7f00:1', 'machine'],
    ['192.168.0.1', 'house'],
    ['100.64.0.1', 'house'],
    ['::ffff:10.0.0.1', 'house'],
    ['fe80::1', 'house'],
    ['febf::1', 'house'],
    ['fdab::1', 'house'],
    ['172.32.0.1', 'world'],
    ['8.8.8.8', 'world'],
    ['2606:4700::1', 'world'],
  ])('%s reaches the %s, however it is written', (host, reach) => {
    expect(reachOf(host)).toBe(reach);
  });

  it.each([
    '0.0.0.0',
    '::',
    '0:0:0:0:0:0:0:0',
    '224.0.0.251',
    '255.255.255.255',
    'ff02::fb',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '::a00:1',
    'a.b',
    '',
  ])('nobody in particular is at %s, from nowhere', (host) => {
    for (const from of ['0.0.0.0', '127.0.0.1', '192.168.0.9', '8.8.8.8'])
      expect(mayKnockAt(host, from)).toBe(false);
  });
});

describe('addresses that peers name', () => {
  it('into this machine are not dialled in any of their forms', () => {
    const hidden = ['/ip6/0:0:0:0:0:0:0:1/tcp/22', '/ip6/::ffff:127.0.0.1/tcp/22', '/ip6/::1/tcp/22'];
    expect(dialable(hidden, '0.0.0.0')).toEqual([]);
    expect(dialable(['/ip6/::ffff:192.168.1.1/tcp/80'], '203.0.113.5')).toEqual([]);
  });

  it('of another family than they say are none', () => {
    expect(dialable(['/ip4/2606:4700::1/tcp/1', '/ip6/8.8.8.8/tcp/1'], '0.0.0.0')).toEqual([]);
  });

  it('follow from where a peer was seen, with the port it has in that family', () => {
    const said = ['/ip4/10.0.0.4/tcp/4001', '/ip6/fd00::4/tcp/4002'];
    expect(observedAddress('/ip6/2606:4700::9/tcp/50123', said)).toEqual(['/ip6/2606:4700::9/tcp/4002']);
    expect(observedAddress('/ip4/9.9.9.9/tcp/50123', said)).toEqual(['/ip4/9.9.9.9/tcp/4001']);
    expect(observedAddress('/ip6/2606:4700::9/tcp/50123', said.slice(0, 1))).toEqual([
      '/ip6/2606:4700::9/tcp/4001',
    ]);
  });

  it('listened on everywhere are of both families, and elsewhere of the one that was named', () => {
    expect(tcp().listenOn({ host: '0.0.0.0', port: 7 })).toEqual(['/ip4/0.0.0.0/tcp/7', '/ip6/::/tcp/7']);
    expect(tcp().listenOn({ host: '127.0.0.1', port: 7 })).toEqual(['/ip4/127.0.0.1/tcp/7']);
  });
});

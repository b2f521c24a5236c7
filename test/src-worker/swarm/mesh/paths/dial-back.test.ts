import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { hex, type Ss58 } from '../../../../../src-shared/units.ts';
import { DialBack } from '../../../../../src-worker/swarm/mesh/paths/dial-back.ts';
import { MemoryWorld } from '../../memory-network.ts';

const [asker, asked] = ['asker', 'asked'] as unknown as [Ss58, Ss58];
const never = new AbortController().signal;
const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5';

/** One that asks and one that is asked, which sees the other at that address and reaches those ports. */
function pair(seen: string | null, open: readonly number[]) {
  const world = new MemoryWorld();
  const dialled: string[] = [];
  const of = (self: Ss58) =>
    new DialBack({
      network: world.join(self, hex('aa')),
      listenHost: '0.0.0.0',
      direct: () => (seen === null ? null : ({ remoteAddr: multiaddr(seen), remotePeer: PEER } as never)),
      probes: {
        async open(address: string) {
          dialled.push(address);
          if (!open.some((port) => address.includes(`/tcp/${port}/`))) throw new Error('nobody');
          return { abort: () => undefined };
        },
      } as never,
    });
  of(asked);
  return { dialled, ask: (ports: number[]) => of(asker).ask(asked, ports, never) };
}

describe('asked to dial back', () => {
  it('says which ports were reached at the host that it sees, by our own key', async () => {
    const { dialled, ask } = pair('/ip4/8.8.8.8/tcp/50000', [4001]);
    expect(await ask([4001, 4002])).toEqual({
      seen: '/ip4/8.8.8.8/tcp/50000',
      reached: ['/ip4/8.8.8.8/tcp/4001'],
    });
    expect(dialled).toEqual([`/ip4/8.8.8.8/tcp/4001/p2p/${PEER}`, `/ip4/8.8.8.8/tcp/4002/p2p/${PEER}`]);
  });

  it('dials one asker once in a while only', async () => {
    const { dialled, ask } = pair('/ip4/8.8.8.8/tcp/50000', [4001]);
    await ask([4001]);
    expect(await ask([4001])).toBeNull();
    expect(dialled).toHaveLength(1);
  });

  it('tries three ports at most, each once', async () => {
    const { dialled, ask } = pair('/ip4/8.8.8.8/tcp/50000', []);
    await ask([1, 1, 2, 3, 4]);
    expect(dialled.map((address) => multiaddr(address).toString().split('/')[4])).toEqual(['1', '2']);
  });

  it('does not answer one that comes through a relay', async () => {
    expect(await pair(null, [4001]).ask([4001])).toBeNull();
  });

  it('knocks nowhere inside its own machine', async () => {
    const { dialled, ask } = pair('/ip4/127.0.0.1/tcp/50000', [4001]);
    expect((await ask([4001]))?.reached).toEqual([]);
    expect(dialled).toEqual([]);
  });
});

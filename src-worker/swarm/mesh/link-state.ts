import type { Connection } from '@libp2p/interface';
import type { Link } from '../../../src-shared/contract/swarm.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { isRelayed } from './kinds/relayed.ts';

/** What of a connection is told. */
export type LinkConnection = Pick<Connection, 'rtt' | 'remoteAddr' | 'direction' | 'status'>;

/**
 * How the connection to a member stands. Of several the one that carries new streams tells.
 * @param connections all of its, the oldest first, at least one
 */
export function linkOf(hotkey: Ss58, connections: readonly LinkConnection[]): Link {
  const used = carrier(connections) ?? connections.at(-1)!;
  return {
    hotkey,
    rttMs: used.rtt ?? null,
    way: isRelayed(used) ? 'relayed' : 'direct',
    isInbound: connections.some((one) => one.direction === 'inbound' && !isRelayed(one)),
  };
}

/** Of connections to one member the one for new streams: the newest open one without a relay, else the newest open one. */
export function carrier<C extends LinkConnection>(connections: readonly C[]): C | undefined {
  const open = connections.filter(({ status }) => status === 'open');
  return open.findLast((one) => !isRelayed(one)) ?? open.at(-1);
}

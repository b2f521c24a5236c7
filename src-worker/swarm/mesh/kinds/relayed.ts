import type { Connection } from '@libp2p/interface';
import type { AddressKind } from './kind.ts';

const RELAYED = /^\/p2p\/([1-9A-HJ-NP-Za-km-z]{46,64})\/p2p-circuit$/;

/**
 * Behind a member that passes bytes on: `/p2p/<peer id of the relay>/p2p-circuit`. The relay's own addresses are no part
 * of it: it is a member, and known as one.
 */
export const relayed = (): AddressKind => ({
  transports: () => [],
  listenOn: () => [],
  // It knocks at no door but that of a member that is connected.
  mayDial: (address) => RELAYED.test(address),
  seenAt: () => [],
});

export const relayedAt = (relayPeerId: string): string => `/p2p/${relayPeerId}/p2p-circuit`;

/** The relay's peer id in such an address; null for every other kind. */
export const relayIn = (address: string): string | null => RELAYED.exec(address)?.[1] ?? null;

/** Whether a connection passes through a third one. */
export const isRelayed = ({ remoteAddr }: Pick<Connection, 'remoteAddr'>): boolean =>
  remoteAddr.toString().includes('/p2p-circuit');

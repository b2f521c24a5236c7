import type { Libp2pOptions } from 'libp2p';

export type TransportFactory = NonNullable<Libp2pOptions['transports']>[number];

/** Where this node listens, as its host was told. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** One way in which a peer can be reached, known by the form of its addresses. No other place knows that form. */
export interface AddressKind {
  /** What of libp2p carries it; nothing where another kind's transport does. */
  transports(): readonly TransportFactory[];
  /** What libp2p is to listen on for it. */
  listenOn(at: Listen): readonly string[];
  /** Whether an address is of this kind, and may be dialled although some peer named it. */
  mayDial(address: string, listenHost: string): boolean;
  /** Addresses that follow from where a peer was seen and what it says it listens on. */
  seenAt(remote: string, announced: readonly string[]): readonly string[];
}

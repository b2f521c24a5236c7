import type {
  ComponentLogger,
  Connection,
  MultiaddrConnection,
  Upgrader,
  UpgraderOptions,
} from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Services } from '../sources/source.ts';

/** How one address is dialled, past libp2p's queue of dials. */
export interface RawDial {
  readonly signal: AbortSignal;
  /** The port from which it goes out. */
  readonly localPort?: number;
}

interface Dialling {
  dial(address: Multiaddr, how: RawDial & { readonly upgrader: Upgrader }): Promise<Connection>;
}

/** What lies beneath libp2p's face. Its own dials take a peer's addresses in turn, and never two ways at once. */
export interface Internals {
  readonly transportManager: {
    dial(address: Multiaddr, how: RawDial): Promise<Connection>;
    dialTransportForMultiaddr(address: Multiaddr): Dialling | undefined;
    /** Where this node listens, also at addresses that nobody has confirmed. */
    getAddrs(): Multiaddr[];
  };
  readonly upgrader: Upgrader;
  readonly logger: ComponentLogger;
}

/** Takes them along when libp2p hands its parts to the services that it starts. */
export class InternalsTap {
  #taken: Internals | undefined;
  readonly services: Services = {
    internals: (parts) => {
      this.#taken = parts as unknown as Internals;
      return {};
    },
  };

  /** @throws {Error} before the node was made */
  get(): Internals {
    if (!this.#taken) throw new Error('the node is not made yet');
    return this.#taken;
  }
}

/**
 * Dials, and then takes the part of who was dialled: of two that open one connection at once, one has to, in TLS as in
 * yamux, whose streams are numbered by who leads.
 */
export async function dialAsAnswerer(
  { transportManager, upgrader }: Internals,
  address: Multiaddr,
  how: RawDial,
): Promise<Connection> {
  const transport = transportManager.dialTransportForMultiaddr(address);
  if (!transport) throw new Error(`nothing dials ${address}`);
  const upgradeOutbound: Upgrader['upgradeOutbound'] = (
    bare: MultiaddrConnection,
    options: UpgraderOptions,
  ) => {
    bare.direction = 'inbound';
    return upgrader.upgradeOutbound(bare, { ...options, initiator: false });
  };
  const turned: Upgrader = Object.create(upgrader, { upgradeOutbound: { value: upgradeOutbound } });
  return transport.dial(address, { ...how, upgrader: turned });
}

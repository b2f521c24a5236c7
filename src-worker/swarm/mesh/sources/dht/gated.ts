import type { Connection, PeerId, Topology } from '@libp2p/interface';
import type { kadDHT } from '@libp2p/kad-dht';
import { multiaddr } from '@multiformats/multiaddr';

export type DhtComponents = Parameters<ReturnType<typeof kadDHT>>[0];
type Registrar = DhtComponents['registrar'];

/**
 * What kad-dht takes for libp2p's registrar: its protocol is spoken by admitted peers alone, and it hears of peers when
 * they are seated. libp2p itself would tell it of whoever says by `identify` that it speaks the protocol.
 */
export class GatedRegistrar {
  readonly #topologies = new Map<string, Topology>();
  /** To be handed to kad-dht. */
  readonly registrar: Registrar;

  constructor(registrar: Registrar, isAdmitted: (connection: Connection) => Promise<boolean>) {
    const own: Partial<Registrar> = {
      handle: (protocol, handler, options) =>
        registrar.handle(
          protocol,
          async (stream, connection) => {
            if (await isAdmitted(connection)) return handler(stream, connection);
            stream.abort(new Error('not bound'));
          },
          options,
        ),
      register: async (protocol, topology) => {
        this.#topologies.set(protocol, topology);
        return protocol;
      },
      unregister: (id) => void this.#topologies.delete(id),
    };
    this.registrar = new Proxy(registrar, {
      get(whole, name) {
        const value: unknown = Reflect.get(own, name) ?? Reflect.get(whole, name, whole);
        return typeof value === 'function' && !(name in own) ? value.bind(whole) : value;
      },
    });
  }

  /** A peer, which the peer store knows by now, speaks these protocols. */
  seat(peerId: PeerId, connection: Connection): void {
    for (const topology of this.#topologies.values()) topology.onConnect?.(peerId, connection);
  }
}

type PeerStore = DhtComponents['peerStore'];

/** The peer store, as kad-dht may use it: addresses that a provider names of itself are judged as all others are. */
export function judgedPeerStore(
  store: PeerStore,
  judge: (addresses: readonly string[]) => string[],
): PeerStore {
  const merge: PeerStore['merge'] = (peer, said, options) => {
    const addresses = said.multiaddrs && judge(said.multiaddrs.map(String)).map((text) => multiaddr(text));
    return store.merge(peer, { ...said, ...(addresses && { multiaddrs: addresses }) }, options);
  };
  return new Proxy(store, {
    get(whole, name) {
      if (name === 'merge') return merge;
      const value: unknown = Reflect.get(whole, name, whole);
      return typeof value === 'function' ? value.bind(whole) : value;
    },
  });
}

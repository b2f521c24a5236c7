import type { PeerId, PeerInfo } from '@libp2p/interface';
import { Libp2pRecord } from '@libp2p/record';
import type { Multiaddr } from '@multiformats/multiaddr';
import { sha256 } from '../../../../../src-node/sha256.ts';
import { DHT_HOLDERS } from '../../../limits.ts';

interface Told {
  readonly signal: AbortSignal;
}

/** What a message of the protocol needs here. */
interface Message {
  readonly type: 'PUT_VALUE' | 'ADD_PROVIDER';
  readonly key: Uint8Array;
  readonly record?: Uint8Array;
  readonly providers?: readonly { readonly id: Uint8Array; readonly multiaddrs: readonly Uint8Array[] }[];
}

interface Kad extends EventTarget {
  readonly routingTable: EventTarget & {
    closestPeers(name: Uint8Array, options: { readonly count: number }): readonly PeerId[];
  };
  readonly network: {
    sendRequest(to: PeerId, message: Message, options: Told): AsyncIterable<unknown>;
    sendMessage(to: PeerId, message: Message, options: Told): AsyncIterable<unknown>;
  };
}

/** What kad-dht has and its types do not name: whom other peers named, who is new in its table, and words to one peer alone. */
export class KadInside {
  readonly #kad: Kad;

  constructor(kad: object) {
    this.#kad = kad as Kad;
  }

  onHeard(listener: (heard: PeerInfo) => void): void {
    this.#kad.addEventListener('peer', (event) => listener((event as CustomEvent<PeerInfo>).detail));
  }

  onSeated(listener: (peer: PeerId) => void): void {
    this.#kad.routingTable.addEventListener('peer:add', (event) =>
      listener((event as CustomEvent<PeerId>).detail),
    );
  }

  /** Whether a peer is one of those who hold what has that key, as far as our table knows. */
  isHolder(peer: PeerId, key: Uint8Array): boolean {
    const holders = this.#kad.routingTable.closestPeers(sha256(key), { count: DHT_HOLDERS });
    return holders.some((holder) => holder.equals(peer));
  }

  /** Leaves a record with one peer. */
  async putAt(peer: PeerId, key: Uint8Array, value: Uint8Array, told: Told): Promise<void> {
    const record = new Libp2pRecord(key, value, new Date()).serialize();
    for await (const _ of this.#kad.network.sendRequest(peer, { type: 'PUT_VALUE', key, record }, told));
  }

  /** Tells one peer that we give what has that multihash. */
  async provideAt(
    peer: PeerId,
    multihash: Uint8Array,
    own: { readonly id: PeerId; readonly multiaddrs: readonly Multiaddr[] },
    told: Told,
  ): Promise<void> {
    const provider = {
      id: own.id.toMultihash().bytes,
      multiaddrs: own.multiaddrs.map(({ bytes }) => bytes),
    };
    const message = { type: 'ADD_PROVIDER', key: multihash, providers: [provider] } as const;
    for await (const _ of this.#kad.network.sendMessage(peer, message, told));
  }
}

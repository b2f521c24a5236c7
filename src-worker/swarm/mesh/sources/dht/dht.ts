import { type Connection, type PeerId, type PeerInfo, start, stop } from '@libp2p/interface';
import { kadDHT } from '@libp2p/kad-dht';
import { ping } from '@libp2p/ping';
import { Libp2pRecord } from '@libp2p/record';
import { multiaddr } from '@multiformats/multiaddr';
import { withLimit } from '../../../../../src-node/waits.ts';
import type { SignEd25519 } from '../../../../../src-shared/rounds/signed.ts';
import type { Hex, Ss58 } from '../../../../../src-shared/units.ts';
import {
  DHT_ANNOUNCE_EVERY_MS,
  DHT_DONOR_ADDRESSES_MAX,
  DHT_GET_LIMIT_MS,
  DHT_HOLDERS,
  DHT_LOOK_EVERY_MS,
  DHT_LOOKS_AT_ONCE,
  DHT_STREAMS_AT_ONCE,
  MAX_KNOWN_RECORDS,
} from '../../../limits.ts';
import { dialable } from '../../addresses.ts';
import type { BindingDoor } from '../../hello.ts';
import { peerIdOf } from '../../twin.ts';
import type { PeerSource, PeerSourceFactory, Services, Surroundings } from '../source.ts';
import { type DhtComponents, GatedRegistrar, judgedPeerStore } from './gated.ts';
import { KadInside } from './inside.ts';
import { encodeRecord, type FoundRecord, hotkeyIn, isNewer, keyOf, NAMESPACE, readRecord } from './record.ts';
import { RecordStore } from './record-store.ts';

type Named = Parameters<ReturnType<ReturnType<typeof kadDHT>>['provide']>[0];

export interface DhtInit {
  readonly runTag: Hex;
  readonly door: BindingDoor;
  /** By our peer key. */
  readonly sign: SignEd25519;
}

/**
 * The run's own Kademlia: each member leaves its signed record with those nearest to its name, and is found there by
 * whoever knows of it from the chain alone. Only admitted members speak it and stand in its tables.
 */
export class Dht implements PeerSourceFactory {
  readonly services: Services;
  readonly #init: DhtInit;
  readonly #protocol: string;
  readonly #stopping = new AbortController();
  #around: Surroundings | undefined;
  #kad: ReturnType<ReturnType<typeof kadDHT>> | undefined;
  #inside: KadInside | undefined;
  /** Whether somebody has taken our record: then those who held it then have it. */
  #isHeld = false;
  readonly #noted = new Set<string>();
  /** The state that is given here. */
  #provided: Hex | null = null;
  /** Where those listen who were last found to give what is sought. */
  #donors: readonly string[] = [];
  #gated: GatedRegistrar | undefined;
  /** Of the announcement under way, whether another one is wanted behind it. */
  #announcing: { isWantedAgain: boolean } | null = null;
  #timers: NodeJS.Timeout[] = [];

  constructor(init: DhtInit) {
    this.#init = init;
    this.#protocol = `/dt/${init.runTag}/kad/1`;
    this.services = {
      kad: (components) => {
        // Answered to everybody: libp2p itself asks so whether a connection lives, also before it is admitted.
        const pings = ping()(components);
        const kad = this.#kadIn(components, pings);
        this.#kad = kad;
        const inside = new KadInside(kad);
        this.#inside = inside;
        inside.onHeard((heard) => void this.#note(heard).catch(() => {}));
        inside.onSeated((peer) => void this.#met(peer).catch(() => {}));
        // As with mDNS, libp2p is not told of whom it hears: members are dialled by this mesh alone.
        return { start: () => start(pings, kad), stop: () => stop(kad, pings) };
      },
    };
  }

  make(around: Surroundings): PeerSource {
    this.#around = around;
    let off = () => {};
    return {
      isQuiet: true,
      addresses: () => this.#donors,
      start: async () => {
        off = around.members.onPeer((hotkey, connected) => {
          if (connected) void this.#seat(hotkey).catch(() => {});
        });
        this.#every(DHT_ANNOUNCE_EVERY_MS, () => this.#announce());
        this.#every(DHT_LOOK_EVERY_MS, () => this.#look());
      },
      stop: async () => {
        off();
        this.#stopping.abort();
        for (const timer of this.#timers) clearInterval(timer);
      },
    };
  }

  #kadIn(
    components: Omit<DhtComponents, 'ping'>,
    pings: DhtComponents['ping'],
  ): ReturnType<ReturnType<typeof kadDHT>> {
    const { peerId, privateKey, addressManager, peerStore, connectionManager, events, logger } = components;
    const read = (key: Uint8Array, bytes: Uint8Array) => this.#read(hotkeyIn(key), bytes);
    const stored = (bytes: Uint8Array): FoundRecord | null => {
      const { key, value } = Libp2pRecord.deserialize(bytes);
      return read(key, value);
    };
    const isAdmitted = async (connection: Connection) => this.#around?.isAdmitted(connection) ?? false;
    const gated = new GatedRegistrar(components.registrar, isAdmitted);
    this.#gated = gated;
    const datastore = new RecordStore((one, other) => isAfter(stored(one), stored(other)));
    return kadDHT({
      protocol: this.#protocol,
      clientMode: false,
      kBucketSize: DHT_HOLDERS,
      allowQueryWithZeroPeers: true,
      maxInboundStreams: DHT_STREAMS_AT_ONCE,
      peerInfoMapper: (peer) => {
        const host = this.#around?.listenHost ?? '0.0.0.0';
        const bare = dialable(peer.multiaddrs.map(String), host);
        return { ...peer, multiaddrs: bare.map((address) => multiaddr(address)) };
      },
      validators: {
        [NAMESPACE]: (key, value) => {
          if (!read(key, value)) throw new Error('no record of that hotkey');
        },
        pk: () => {
          throw new Error('keys are not kept here');
        },
      },
      selectors: { [NAMESPACE]: (key, values) => newestOf(values.map((value) => read(key, value))) },
    })({
      ...{ peerId, privateKey, addressManager, connectionManager, events, logger },
      peerStore: judgedPeerStore(peerStore, (told) => dialable(told, this.#around?.listenHost ?? '0.0.0.0')),
      ...{ registrar: gated.registrar, datastore: datastore as never, ping: pings },
    });
  }

  /** Looked at before any signature: whoever is no member of the run has no record here. */
  #read(hotkey: Ss58, bytes: Uint8Array): FoundRecord | null {
    if (this.#around?.directory.members?.has(hotkey) !== true) return null;
    return readRecord(this.#init, hotkey, bytes);
  }

  /**
   * Where a peer listens that another one named, so that a query can go on to it. Whether it is a member shows when it
   * is dialled: so many are kept and no more.
   */
  async #note({ id, multiaddrs }: PeerInfo): Promise<void> {
    const around = this.#around;
    const name = id.toString();
    if (!around || (!this.#noted.has(name) && this.#noted.size >= MAX_KNOWN_RECORDS)) return;
    const bare = dialable(multiaddrs.map(String), around.listenHost);
    if (bare.length === 0 || id.equals(around.node.peerId)) return;
    this.#noted.add(name);
    await around.node.peerStore.merge(id, { multiaddrs: bare.map((address) => multiaddr(address)) });
  }

  /** An admitted member gets a place in the tables. */
  async #seat(hotkey: Ss58): Promise<void> {
    const around = this.#around;
    const peer = around?.directory.get(hotkey);
    const [connection] = around?.members.connectionsOf(hotkey) ?? [];
    if (!around || !peer || !connection) return;
    const multiaddrs = peer.record.addresses.map((address) => multiaddr(address));
    const peerId = peerIdOf(peer.peerKey);
    await around.node.peerStore.merge(peerId, { protocols: [this.#protocol], multiaddrs });
    this.#gated?.seat(peerId, connection);
  }

  async #announce(): Promise<void> {
    if (this.#announcing) {
      this.#announcing.isWantedAgain = true;
      return;
    }
    const under = { isWantedAgain: false };
    this.#announcing = under;
    try {
      await this.#put();
    } finally {
      this.#announcing = null;
      if (under.isWantedAgain) await this.#announce();
    }
  }

  async #put(): Promise<void> {
    const around = this.#around!;
    const kad = this.#kad!;
    try {
      for await (const event of kad.put(keyOf(around.self), this.#ownRecord(around), this.#limited()))
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE') this.#isHeld = true;
    } finally {
      // Each has its own time: who cannot leave its record in it is found by what it gives all the same.
      if (this.#provided) for await (const _ of kad.provide(nameOf(this.#provided), this.#limited()));
    }
  }

  /** A newcomer to the table has nothing of ours yet. Where it should, it alone is told: the others have it already. */
  async #met(peer: PeerId): Promise<void> {
    const [around, inside] = [this.#around, this.#inside];
    if (!around || !inside) return;
    if (!this.#isHeld) return this.#announce();
    const key = keyOf(around.self);
    if (inside.isHolder(peer, key)) await inside.putAt(peer, key, this.#ownRecord(around), this.#limited());
    const multihash = this.#provided && nameOf(this.#provided).multihash.bytes;
    if (!multihash || !inside.isHolder(peer, multihash)) return;
    const multiaddrs = around.own().addresses.map((address) => multiaddr(address));
    await inside.provideAt(peer, multihash, { id: around.node.peerId, multiaddrs }, this.#limited());
  }

  #ownRecord(around: Surroundings): Uint8Array {
    const { runTag, door, sign } = this.#init;
    // By the chain's time: what a clock in the future had signed would stand before all that comes after it.
    return encodeRecord(runTag, around.own(), Math.floor(door.nowMs()), sign);
  }

  #limited(): { readonly signal: AbortSignal } {
    return { signal: withLimit(this.#stopping.signal, DHT_GET_LIMIT_MS) };
  }

  /** The state of that digest is given here from now on: told to those nearest to it, and again as long as it is. */
  async provide(baseDigest: Hex): Promise<void> {
    if (this.#provided === baseDigest) return;
    this.#provided = baseDigest;
    if (this.#around) await this.#announce();
  }

  /**
   * Looks for peers that give that state: where they listen is tried from now on, until others are looked for. What they
   * give proves itself.
   * @returns how many addresses were found
   */
  async findDonors(baseDigest: Hex, signal: AbortSignal): Promise<number> {
    const { node, listenHost, changed } = this.#around!;
    const limited = AbortSignal.any([withLimit(this.#stopping.signal, DHT_GET_LIMIT_MS), signal]);
    const found = new Set<string>();
    for await (const event of this.#kad!.findProviders(nameOf(baseDigest), { signal: limited })) {
      if (event.name !== 'PROVIDER') continue;
      for (const { id, multiaddrs } of event.providers)
        if (!id.equals(node.peerId))
          for (const address of dialable(multiaddrs.map(String), listenHost)) found.add(address);
    }
    this.#donors = [...found].slice(0, DHT_DONOR_ADDRESSES_MAX);
    changed();
    return this.#donors.length;
  }

  /** Asks for some of those whom the chain names and nobody here knows. */
  async #look(): Promise<void> {
    const { directory, members, self } = this.#around!;
    const unknown = [...(directory.members ?? [])].filter(
      (hotkey) => hotkey !== self && !members.has(hotkey as Ss58) && !directory.get(hotkey as Ss58),
    );
    const some = unknown.toSorted(() => Math.random() - 0.5).slice(0, DHT_LOOKS_AT_ONCE);
    await Promise.all(some.map((hotkey) => this.find(hotkey as Ss58)));
  }

  /** @returns whether a record was found; it stands in the directory then */
  async find(hotkey: Ss58): Promise<boolean> {
    const { directory, listenHost, changed } = this.#around!;
    const signal = withLimit(this.#stopping.signal, DHT_GET_LIMIT_MS);
    let best: FoundRecord | null = null;
    for await (const event of this.#kad!.get(keyOf(hotkey), { signal })) {
      const found = event.name === 'VALUE' ? this.#read(hotkey, event.value) : null;
      if (isAfter(found, best)) best = found;
    }
    if (!best) return false;
    directory.learn({ ...best.record, addresses: dialable(best.record.addresses, listenHost) });
    changed();
    return true;
  }

  #every(everyMs: number, act: () => Promise<unknown>): void {
    const timer = setInterval(() => void act().catch(() => {}), everyMs);
    timer.unref();
    this.#timers.push(timer);
  }
}

const isAfter = (one: FoundRecord | null, other: FoundRecord | null): boolean =>
  one !== null && (other === null || isNewer(one, other));

/** kad-dht asks of the name of a thing nothing but its multihash: here SHA-256, of 32 bytes. */
function nameOf(baseDigest: Hex): Named {
  const bytes = Uint8Array.of(0x12, 32, ...Buffer.from(baseDigest, 'hex'));
  return { multihash: { bytes }, toString: () => baseDigest } as unknown as Named;
}

function newestOf(found: readonly (FoundRecord | null)[]): number {
  let newest = 0;
  for (const [at, one] of found.entries()) if (isAfter(one, found[newest] ?? null)) newest = at;
  return newest;
}

import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { withLimit } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import {
  DIAL_LIMIT_MS,
  EXCHANGE_EVERY_MS,
  HELLO_LIMIT_MS,
  HELLO_MAX_BYTES,
  HELLOS_AT_ONCE,
  MAX_ADDRESSES_PER_PEER,
  OPEN_STREAM_LIMIT_MS,
  STREAMS_AT_ONCE,
} from '../limits.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network, PeerLink, Protocol } from '../net/link.ts';
import { type ByteCount, streamLink } from '../net/stream-link.ts';
import { bareAddress, dialable, observedAddress } from './addresses.ts';
import type { BoundPeer, Directory } from './directory.ts';
import { type Hello, helloSchema, type PeerRecord } from './hello.ts';
import { Redialler } from './redial.ts';
import { newerThan, peerIdOf, twinOf } from './twin.ts';

export interface MeshPeerEvent {
  readonly hotkey: Ss58;
  readonly peerId: string;
  readonly connected: boolean;
  readonly address: string | null;
}

interface Greeted {
  readonly known: BoundPeer;
  readonly connection: Connection;
}

/**
 * All connections of this node, each bound to a hotkey or closed. Only bound members reach the protocols; one live
 * peer per hotkey. Whoever is known and not connected is dialled again, so a single bootstrap address grows into a
 * full mesh.
 */
export class Mesh implements Network {
  readonly self: Ss58;
  readonly count: ByteCount;
  readonly #node: Libp2p;
  readonly #directory: Directory;
  #binding: string;
  readonly #ownKey: Hex;
  readonly #runTag: string;
  readonly #listen: { readonly host: string; readonly port: number };
  readonly #bootstrap: Set<string>;
  readonly #greeted = new Map<string, Greeted>();
  readonly #verdicts = new Map<string, PromiseWithResolvers<void>>();
  readonly #live = new Map<Ss58, { readonly peerId: string; readonly connections: Set<Connection> }>();
  readonly #listeners = new Set<(hotkey: Ss58, connected: boolean) => void>();
  readonly #onEvent: (event: MeshPeerEvent) => void;
  readonly #redialler: Redialler;
  readonly #exchange: NodeJS.Timeout;
  /** Since when each connection is open, on our own monotonic clock, and what ends it if it stays a stranger's. */
  readonly #opened = new Map<string, { readonly atMs: number; readonly limit: NodeJS.Timeout }>();
  readonly #stopping = new AbortController();

  constructor(init: {
    readonly node: Libp2p;
    readonly directory: Directory;
    readonly hotkey: Ss58;
    readonly binding: string;
    readonly ownKey: Hex;
    readonly runTag: string;
    readonly listen: { readonly host: string; readonly port: number };
    readonly bootstrap: readonly string[];
    readonly count: ByteCount;
    readonly onEvent: (event: MeshPeerEvent) => void;
  }) {
    this.self = init.hotkey;
    this.count = init.count;
    this.#node = init.node;
    this.#directory = init.directory;
    this.#binding = init.binding;
    this.#ownKey = init.ownKey;
    this.#runTag = init.runTag;
    this.#listen = init.listen;
    this.#bootstrap = new Set(init.bootstrap);
    this.#onEvent = init.onEvent;
    this.#redialler = new Redialler(
      () => this.#missing(),
      (target) => this.#dialTarget(target),
    );
    this.#exchange = setInterval(() => void this.#exchangeWithOne(), EXCHANGE_EVERY_MS);
    this.#exchange.unref();
  }

  /** Listens, greets and dials. Protocols must be handled by now, or early peers would find none. */
  async start(): Promise<void> {
    await this.#node.handle(this.#id('hello'), (stream, connection) => this.#onHello(stream, connection), {
      maxInboundStreams: HELLOS_AT_ONCE,
    });
    this.#node.addEventListener('connection:open', (event) => this.#onOpen(event.detail));
    this.#node.addEventListener('connection:close', (event) => this.#onClose(event.detail));
    await this.#node.start();
    this.#redialler.nudge();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#exchange);
    this.#redialler.stop();
    await this.#node.stop();
  }

  setMembers(hotkeys: readonly string[]): void {
    this.#directory.setMembers(hotkeys);
    for (const { known, connection } of [...this.#greeted.values()]) this.#judge(known, connection);
    this.#redialler.nudge();
  }

  /** Presents another binding from now on; resolves when everybody connected was told. */
  async renewBinding(binding: string): Promise<void> {
    this.#binding = binding;
    const connections = [...this.#live.values()].flatMap((live) => [...live.connections].slice(0, 1));
    // Who misses it hears of it when greetings are exchanged anew.
    await Promise.allSettled(connections.map((connection) => this.#greet(connection)));
  }

  /** @throws {AppError} PEER_UNREACHABLE when none of them answers */
  async dial(addresses: readonly string[], signal: AbortSignal): Promise<void> {
    for (const address of addresses) this.#bootstrap.add(address);
    const tries = await Promise.allSettled(
      addresses.map((address) => this.#node.dial(multiaddr(address), { signal: this.#patience(signal) })),
    );
    signal.throwIfAborted();
    if (tries.length > 0 && tries.every((t) => t.status === 'rejected'))
      throw new AppError('PEER_UNREACHABLE', { peer: addresses[0] ?? '?' });
  }

  addresses(): string[] {
    const found = this.#node.getMultiaddrs().map((address) => address.toString());
    if (found.length > 0) return found.slice(0, MAX_ADDRESSES_PER_PEER);
    // libp2p withholds a public address until it was confirmed. Peers take the port of this and the host they see.
    const { host, port } = this.#listen;
    return port === 0 ? [] : [`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`];
  }

  peers(): readonly Ss58[] {
    return [...this.#live.keys()];
  }

  isConnected(hotkey: Ss58): boolean {
    return this.#live.has(hotkey);
  }

  peerKey(hotkey: Ss58): Hex | null {
    return hotkey === this.self ? this.#ownKey : (this.#directory.get(hotkey)?.peerKey ?? null);
  }

  onPeer(listener: (hotkey: Ss58, connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async open(hotkey: Ss58, protocol: Protocol, signal: AbortSignal): Promise<PeerLink> {
    const connections = [...(this.#live.get(hotkey)?.connections ?? [])];
    const connection = connections.findLast(({ status }) => status === 'open');
    if (!connection) throw new AppError('PEER_UNREACHABLE', { peer: hotkey });
    try {
      const patience = withLimit(signal, OPEN_STREAM_LIMIT_MS);
      return streamLink(await connection.newStream(this.#id(protocol), { signal: patience }), this.count);
    } catch (thrown) {
      signal.throwIfAborted();
      throw new AppError('PEER_UNREACHABLE', { peer: hotkey }, thrown);
    }
  }

  handle(protocol: Protocol, serve: (link: PeerLink, from: Ss58) => Promise<void>): void {
    const onStream = async (stream: Stream, connection: Connection) => {
      // A peer that has our hello may open streams before we have finished reading its own.
      await this.#verdict(connection);
      const from = this.#hotkeyOf(connection);
      if (!from) return stream.abort(new Error('not bound'));
      const link = streamLink(stream, this.count);
      await serve(link, from).catch(() => link.abort());
    };
    void this.#node.handle(this.#id(protocol), (stream, connection) => void onStream(stream, connection), {
      maxInboundStreams: STREAMS_AT_ONCE,
    });
  }

  #id(name: Protocol | 'hello'): string {
    return `/dt/${this.#runTag}/${name}/1`;
  }

  #patience(signal: AbortSignal): AbortSignal {
    return withLimit(AbortSignal.any([signal, this.#stopping.signal]), DIAL_LIMIT_MS);
  }

  // --- greeting

  #onOpen(connection: Connection): void {
    void this.#verdict(connection);
    const limit = setTimeout(() => {
      // Until the chain was read nobody can be told from a stranger, so whoever greeted is kept waiting.
      const waits = this.#greeted.has(connection.id) && this.#directory.members === null;
      if (!waits && !this.#hotkeyOf(connection)) this.#drop(connection, 'no registered hotkey in time');
    }, HELLO_LIMIT_MS);
    limit.unref();
    this.#opened.set(connection.id, { atMs: performance.now(), limit });
    if (connection.direction === 'outbound') {
      void this.#greet(connection).catch((thrown: unknown) => this.#drop(connection, String(thrown)));
    }
  }

  async #greet(connection: Connection): Promise<void> {
    const signal = withLimit(this.#stopping.signal, HELLO_LIMIT_MS);
    const link = streamLink(await connection.newStream(this.#id('hello'), { signal }), this.count);
    await withLink(link, signal, async () => {
      await sendMessage(link, this.#hello(this.self));
      const answer = helloIn(await new MessageReader(link, 'peer').next(HELLO_MAX_BYTES));
      if ((await this.#accept(answer, connection)) === this.self)
        this.#drop(connection, 'our own hotkey from elsewhere');
    });
  }

  async #onHello(stream: Stream, connection: Connection): Promise<void> {
    const link = streamLink(stream, this.count);
    const signal = withLimit(this.#stopping.signal, HELLO_LIMIT_MS);
    await withLink(link, signal, async () => {
      const said = helloIn(await new MessageReader(link, 'peer').next(HELLO_MAX_BYTES));
      const newer = newerThan(this.#directory, said);
      // Who is not let in has to hear why; it leaves then, or the hello limit ends it.
      if (newer && this.#live.get(newer.hotkey)?.peerId === newer.peerId)
        return sendMessage(link, this.#hello(this.self, newer.record));
      const from = await this.#accept(said, connection);
      await sendMessage(link, this.#hello(from ?? this.self));
    }).catch((thrown: unknown) => this.#drop(connection, String(thrown)));
  }

  #hello(to: Ss58, newer?: PeerRecord): Uint8Array {
    const hello: Hello = {
      binding: this.#binding,
      addresses: this.addresses().map(bareAddress),
      records: this.#directory.toShare(to),
      ...(newer && { newer }),
    };
    return toBytes(hello);
  }

  /** @returns the hotkey that is bound to this connection now; our own where another start of it was told of */
  async #accept(hello: Hello, connection: Connection): Promise<Ss58 | null> {
    const isTwin = this.#directory.read(hello)?.peerKey === keyOf(connection) && this.#meetTwin(hello);
    if (isTwin || (hello.newer && this.#meetTwin(hello.newer))) return this.self;
    const observed = observedAddress(connection.remoteAddr.toString(), hello.addresses);
    const addresses = dialable([...hello.addresses, ...observed], this.#listen.host);
    const known = this.#directory.meet({ binding: hello.binding, addresses }, keyOf(connection));
    if (!known) throw new AppError('PEER_BINDING_INVALID', { reason: 'peer' });
    this.#greeted.set(connection.id, { known, connection });
    this.#judge(known, connection);
    const brought = hello.records.map((r) => ({ ...r, addresses: dialable(r.addresses, this.#listen.host) }));
    void this.#directory.learnAll(brought).then(() => this.#redialler.nudge());
    return known.hotkey;
  }

  /** The older start of the two tells its host each time; the newer one goes on as if it were alone. */
  #meetTwin(record: PeerRecord): boolean {
    const own = { hotkey: this.self, peerKey: this.#ownKey, binding: this.#binding };
    const twin = twinOf(this.#directory, own, record);
    const { peerId, isNewer } = twin ?? {};
    if (peerId && isNewer)
      this.#onEvent({ hotkey: this.self, peerId, connected: true, address: record.addresses[0] ?? null });
    return twin !== null;
  }

  // --- judging

  #judge(known: Greeted['known'], connection: Connection): void {
    const members = this.#directory.members;
    if (!members) return;
    const peerId = connection.remotePeer.toString();
    if (!members.has(known.hotkey)) {
      // It may have registered a moment ago: the next list of members, or the hello limit, decides.
      if (this.#hotkeyOf(connection) || this.#ageMs(connection) > HELLO_LIMIT_MS)
        this.#drop(connection, 'not registered');
      return;
    }
    this.#directory.learn(known.record);
    const live = this.#live.get(known.hotkey);
    if (live && live.peerId !== peerId) {
      if (this.#isOutdated(known)) {
        this.#drop(connection, 'an older binding');
        return;
      }
      for (const other of live.connections) this.#drop(other, 'a newer binding took over');
      this.#leave(known.hotkey, live.peerId);
    }
    this.#admit(known.hotkey, connection);
  }

  #ageMs(connection: Connection): number {
    return performance.now() - (this.#opened.get(connection.id)?.atMs ?? performance.now());
  }

  /** Whether a newer binding of that hotkey names another key. */
  #isOutdated({ hotkey, peerKey }: Greeted['known']): boolean {
    return (this.#directory.get(hotkey)?.peerKey ?? peerKey) !== peerKey;
  }

  #admit(hotkey: Ss58, connection: Connection): void {
    if (connection.status !== 'open') return;
    const live = this.#live.get(hotkey);
    if (live) live.connections.add(connection);
    else {
      const peerId = connection.remotePeer.toString();
      this.#live.set(hotkey, { peerId, connections: new Set([connection]) });
      this.#onEvent({
        hotkey,
        peerId,
        connected: true,
        address: bareAddress(connection.remoteAddr.toString()),
      });
    }
    this.#verdicts.get(connection.id)?.resolve();
    if (!live) for (const listener of this.#listeners) listener(hotkey, true);
  }

  #onClose(connection: Connection): void {
    clearTimeout(this.#opened.get(connection.id)?.limit);
    this.#opened.delete(connection.id);
    const greeted = this.#greeted.get(connection.id);
    this.#greeted.delete(connection.id);
    this.#verdicts.get(connection.id)?.resolve();
    this.#verdicts.delete(connection.id);
    const live = greeted && this.#live.get(greeted.known.hotkey);
    if (live?.connections.delete(connection) && live.connections.size === 0)
      this.#leave(greeted!.known.hotkey, live.peerId);
    this.#redialler.nudge();
  }

  #leave(hotkey: Ss58, peerId: string): void {
    this.#live.delete(hotkey);
    this.#onEvent({ hotkey, peerId, connected: false, address: null });
    for (const listener of this.#listeners) listener(hotkey, false);
    this.#redialler.nudge();
  }

  #drop(connection: Connection, why: string): void {
    if (!this.#stopping.signal.aborted)
      console.error(`connection ${connection.direction} ${connection.remoteAddr} ended: ${why}`);
    this.#verdicts.get(connection.id)?.resolve();
    // A polite close would wait for streams that the other side keeps open.
    connection.abort(new Error(why));
  }

  async #verdict(connection: Connection): Promise<void> {
    if (this.#hotkeyOf(connection) || connection.status !== 'open') return;
    const pending = this.#verdicts.get(connection.id) ?? Promise.withResolvers<void>();
    this.#verdicts.set(connection.id, pending);
    await pending.promise;
  }

  #hotkeyOf(connection: Connection): Ss58 | null {
    const hotkey = this.#greeted.get(connection.id)?.known.hotkey;
    return hotkey && this.#live.get(hotkey)?.connections.has(connection) ? hotkey : null;
  }

  // --- dialling

  #missing(): string[] {
    const members = this.#directory.members;
    const known = this.#directory.all().filter(({ hotkey, record }) => {
      return (
        hotkey !== this.self && members?.has(hotkey) && !this.#live.has(hotkey) && record.addresses.length > 0
      );
    });
    return [...known.map(({ hotkey }) => hotkey), ...[...this.#bootstrap].filter((a) => !this.#isReached(a))];
  }

  #isReached(address: string): boolean {
    const bare = bareAddress(address);
    // Only who was admitted counts: an address whose peer turned us away has to be tried again.
    const reached = [...this.#live.values()].some(({ connections }) =>
      [...connections].some(({ remoteAddr }) => bareAddress(remoteAddr.toString()) === bare),
    );
    const own = this.addresses().some((mine) => bareAddress(mine) === bare);
    const known = this.#directory
      .all()
      .some((p) => this.#live.has(p.hotkey) && p.record.addresses.includes(bare));
    return reached || own || known;
  }

  /** A connection to that address is open and its peer has not let us in yet. */
  #isKnocking(address: string): boolean {
    const bare = bareAddress(address);
    return this.#node.getConnections().some(({ remoteAddr }) => bareAddress(remoteAddr.toString()) === bare);
  }

  async #dialTarget(target: string): Promise<void> {
    const signal = this.#patience(this.#stopping.signal);
    if (target.startsWith('/')) {
      if (this.#isKnocking(target)) return;
      await this.#node.dial(multiaddr(target), { signal });
      return;
    }
    const known = this.#directory.get(target as Ss58);
    if (!known) return;
    const peerId = peerIdOf(known.peerKey);
    await this.#node.dial(
      known.record.addresses.map((address) => multiaddr(`${address}/p2p/${peerId}`)),
      { signal },
    );
  }

  /** Asks one peer whom it knows. A greeting on a bound connection does just that. */
  async #exchangeWithOne(): Promise<void> {
    const peers = [...this.#live.values()];
    const one = peers[Math.floor(Math.random() * peers.length)];
    const [connection] = one?.connections ?? [];
    if (connection) await this.#greet(connection).catch(() => {});
  }
}

/** @throws {AppError} PEER_MALFORMED */
function helloIn(said: Uint8Array | null): Hello {
  const hello = said ? fromBytes(helloSchema, said) : null;
  if (!hello) throw new AppError('PEER_MALFORMED', { peer: 'new', detail: 'hello' });
  return hello;
}

/** Hex of the Ed25519 key that the other side has proven to hold; null for a key of another kind. */
function keyOf({ remotePeer }: Connection): string | null {
  const key = remotePeer.publicKey;
  return key?.type === 'Ed25519' ? Buffer.from(key.raw).toString('hex') : null;
}

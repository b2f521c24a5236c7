import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { withLimit } from '../../../src-node/waits.ts';
import type { Reachability } from '../../../src-shared/contract/reachability.ts';
import type { AddressState, Link } from '../../../src-shared/contract/swarm.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { HELLOS_AT_ONCE, MAX_ADDRESSES_PER_PEER, OPEN_STREAM_LIMIT_MS, STREAMS_AT_ONCE } from '../limits.ts';
import type { Network, PeerLink, Protocol } from '../net/link.ts';
import { type ByteCount, streamLink } from '../net/stream-link.ts';
import type { PortMap } from '../port-map/port-map.ts';
import { whenDifferent } from './address-state.ts';
import { Dialler } from './dialler.ts';
import type { Directory } from './directory.ts';
import { Gate } from './gate.ts';
import { Greeting } from './greeting.ts';
import type { Listen } from './kinds/kind.ts';
import { addressKinds } from './kinds/kinds.ts';
import { carrier, linkOf } from './link-state.ts';
import { Members, type MeshPeerEvent } from './members.ts';
import type { Internals } from './paths/internals.ts';
import { Paths } from './paths/paths.ts';
import type { PeerSource, PeerSourceFactory, Surroundings } from './sources/source.ts';
import type { OwnBinding } from './twin.ts';

export interface MeshInit {
  readonly node: Libp2p;
  readonly directory: Directory;
  readonly own: OwnBinding;
  readonly runTag: string;
  readonly listen: Listen;
  readonly sources: readonly PeerSourceFactory[];
  readonly count: ByteCount;
  readonly onEvent: (event: MeshPeerEvent) => void;
  /** How the addresses stand that sources name. */
  readonly onAddresses: (states: readonly AddressState[]) => void;
  /** Ways past routers; null for a node that none from outside this machine can reach anyway. */
  readonly outside: Outside | null;
}

/** What a node needs that others from outside are to reach. */
export interface Outside {
  readonly internals: () => Internals;
  readonly portMap: PortMap;
  readonly mayRelay: boolean;
  readonly onReachability: (now: Reachability) => void;
}

/**
 * All connections of this node, each bound to a hotkey or closed. Only bound members reach the protocols; one live
 * peer per hotkey. Whom the sources name and whom peers know is dialled.
 */
export class Mesh implements Network {
  readonly self: Ss58;
  readonly count: ByteCount;
  readonly #init: MeshInit;
  readonly #members: Members;
  readonly #gate: Gate;
  readonly #greeting: Greeting;
  readonly #dialler: Dialler;
  readonly #sources: readonly PeerSource[];
  readonly #paths: Paths | null;
  readonly #stopping = new AbortController();

  constructor(init: MeshInit) {
    const { node, directory, own, onEvent } = init;
    const stopping = this.#stopping.signal;
    this.self = own.hotkey;
    this.count = init.count;
    this.#init = init;
    const members = new Members(onEvent);
    const gate = new Gate({ directory, members, stopping });
    this.#members = members;
    this.#gate = gate;
    this.#greeting = new Greeting({
      ...{ own, directory, members, gate, stopping, listenHost: init.listen.host, onTwin: onEvent },
      addresses: () => this.addresses(),
      isRelay: () => this.#paths?.isRelay ?? false,
      onRelay: (hotkey, offers) => this.#paths?.noteRelay(hotkey, offers),
      open: async (connection, signal) =>
        this.#link(await connection.newStream(this.#id('hello'), { signal })),
      link: (stream) => this.#link(stream),
      onLearned: () => this.#dialler.nudge(),
    });
    const greet = (connection: Connection) => this.#greeting.greet(connection);
    const changed = () => this.#dialler.nudge();
    const around: Surroundings = {
      ...{ node, directory, members, greet, changed, self: own.hotkey, listenHost: init.listen.host },
      own: () => this.#greeting.own(),
      async isAdmitted(connection) {
        await gate.verdict(connection);
        return gate.hotkeyOf(connection) !== null;
      },
    };
    this.#sources = init.sources.map((source) => source.make(around));
    this.#paths = init.outside && this.#pathsOf(init.outside);
    const ownAddresses = () => this.addresses();
    const paths = this.#paths;
    const dialled = { node, directory, members, stopping, self: own.hotkey, ownAddresses };
    const onAddresses = whenDifferent(init.onAddresses);
    this.#dialler = new Dialler({ ...dialled, sources: this.#sources, paths, onAddresses });
  }

  /** Listens, greets and dials. Protocols must be handled by now, or early peers would find none. */
  async start(): Promise<void> {
    const { node } = this.#init;
    const answer = (stream: Stream, connection: Connection) => this.#greeting.answer(stream, connection);
    await node.handle(this.#id('hello'), answer, { maxInboundStreams: HELLOS_AT_ONCE });
    node.addEventListener('connection:open', (event) => this.#onOpen(event.detail));
    node.addEventListener('connection:close', (event) => this.#onClose(event.detail));
    await node.start();
    await this.#paths?.start();
    for (const source of this.#sources) await source.start();
    this.#dialler.nudge();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#dialler.stop();
    await this.#paths?.stop();
    for (const source of this.#sources.toReversed()) await source.stop();
    await this.#init.node.stop();
  }

  setMembers(hotkeys: readonly string[]): void {
    this.#init.directory.setMembers(hotkeys);
    this.#gate.judgeAll();
    this.#dialler.nudge();
  }

  /** Presents another binding from now on; resolves when everybody connected was told. */
  async renewBinding(binding: string): Promise<void> {
    this.#greeting.renew(binding);
    await this.#greetAll();
  }

  /** Asks others whether they reach this node; resolves when that is known. */
  async testReachability(): Promise<void> {
    await this.#paths?.test();
  }

  async #greetAll(): Promise<void> {
    const connections = this.peers().flatMap((hotkey) => this.#members.connectionsOf(hotkey).slice(0, 1));
    // Who misses it hears of it when greetings are exchanged anew.
    await Promise.allSettled(connections.map((connection) => this.#greeting.greet(connection)));
  }

  addresses(): string[] {
    const sure = this.#paths?.addresses() ?? [];
    return [...new Set([...sure, ...this.#listening()])].slice(0, MAX_ADDRESSES_PER_PEER);
  }

  /** How the connections to members stand. */
  links(): readonly Link[] {
    return this.#members.hotkeys().flatMap((hotkey) => {
      const connections = this.#members.connectionsOf(hotkey);
      return connections.length === 0 ? [] : [linkOf(hotkey, connections)];
    });
  }

  peers(): readonly Ss58[] {
    return this.#members.hotkeys();
  }

  isConnected(hotkey: Ss58): boolean {
    return this.#members.has(hotkey);
  }

  peerKey(hotkey: Ss58): Hex | null {
    const { own, directory } = this.#init;
    return hotkey === this.self ? own.peerKey : (directory.get(hotkey)?.peerKey ?? null);
  }

  bindingOf(hotkey: Ss58): string | null {
    return hotkey === this.self
      ? this.#greeting.binding
      : (this.#init.directory.get(hotkey)?.record.binding ?? null);
  }

  onPeer(listener: (hotkey: Ss58, connected: boolean) => void): () => void {
    return this.#members.onPeer(listener);
  }

  async open(hotkey: Ss58, protocol: Protocol, signal: AbortSignal): Promise<PeerLink> {
    const connection = carrier(this.#members.connectionsOf(hotkey));
    if (!connection) throw new AppError('PEER_UNREACHABLE', { peer: hotkey });
    try {
      const patience = withLimit(signal, OPEN_STREAM_LIMIT_MS);
      return this.#link(await connection.newStream(this.#id(protocol), { signal: patience }));
    } catch (thrown) {
      signal.throwIfAborted();
      throw new AppError('PEER_UNREACHABLE', { peer: hotkey }, thrown);
    }
  }

  handle(protocol: Protocol, serve: (link: PeerLink, from: Ss58) => Promise<void>): void {
    const onStream = async (stream: Stream, connection: Connection) => {
      // A peer that has our hello may open streams before we have finished reading its own.
      await this.#gate.verdict(connection);
      const from = this.#gate.hotkeyOf(connection);
      if (!from) return stream.abort(new Error('not bound'));
      const link = this.#link(stream);
      await serve(link, from).catch(() => link.abort());
    };
    void this.#init.node.handle(
      this.#id(protocol),
      (stream, connection) => void onStream(stream, connection),
      {
        maxInboundStreams: STREAMS_AT_ONCE,
      },
    );
  }

  #listening(): string[] {
    const found = this.#init.node.getMultiaddrs().map((address) => address.toString());
    if (found.length > 0) return found;
    // libp2p withholds a public address until it was confirmed. Peers take the port of this and the host they see.
    const { listen } = this.#init;
    return listen.port === 0 ? [] : addressKinds.flatMap((kind) => kind.listenOn(listen));
  }

  #pathsOf({ internals, portMap, mayRelay, onReachability }: Outside): Paths {
    const { node, directory, listen } = this.#init;
    return new Paths({
      ...{ node, directory, internals, portMap, mayRelay, onReachability },
      ...{ network: this, members: this.#members, listenHost: listen.host, seenProtocol: this.#id('seen') },
      onChange: () => void this.#greetAll(),
    });
  }

  #link(stream: Stream): PeerLink {
    return streamLink(stream, this.count);
  }

  #id(name: Protocol | 'hello' | 'seen'): string {
    return `/dt/${this.#init.runTag}/${name}/3`;
  }

  #onOpen(connection: Connection): void {
    if (this.#paths?.isProbe(connection)) return;
    this.#gate.opened(connection);
    if (connection.direction === 'inbound') return;
    void this.#greeting
      .greet(connection)
      .catch((thrown: unknown) => this.#gate.drop(connection, String(thrown)));
  }

  #onClose(connection: Connection): void {
    this.#gate.closed(connection);
    this.#dialler.nudge();
  }
}

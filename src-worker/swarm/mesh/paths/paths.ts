import type { Connection, Libp2p } from '@libp2p/interface';
import type { Reachability } from '../../../../src-shared/contract/reachability.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import type { Network } from '../../net/link.ts';
import type { PortMap } from '../../port-map/port-map.ts';
import type { Directory } from '../directory.ts';
import { bareAddress } from '../kinds/bare.ts';
import { isRelayed } from '../kinds/relayed.ts';
import { tcpPort } from '../kinds/tcp.ts';
import type { Members } from '../members.ts';
import { peerIdOf } from '../twin.ts';
import { DialBack } from './dial-back.ts';
import type { Internals } from './internals.ts';
import { PUNCH_RETRY_MS, PUNCH_TRIES, RELAYED_LOOK_EVERY_MS } from './limits.ts';
import { Probes } from './probes.ts';
import { Punch } from './punch.ts';
import { ReachabilityWatch } from './reachability.ts';
import { RelayServer } from './relay-server.ts';
import { Relays } from './relays.ts';
import { type Seen, seenFrom, serveSeen } from './seen.ts';

export interface PathsInit {
  readonly node: Libp2p;
  readonly network: Network;
  readonly members: Members;
  readonly directory: Directory;
  readonly internals: () => Internals;
  readonly listenHost: string;
  /** Of the question how somebody is seen. */
  readonly seenProtocol: string;
  readonly portMap: PortMap;
  /** Whether the user lets others' bytes pass here. */
  readonly mayRelay: boolean;
  /** What we say of ourselves is something else now. */
  onChange(): void;
  onReachability(now: Reachability): void;
}

/**
 * The ways to members that do not reach each other at once: whether we are reached, a port that the router opens, members
 * that pass bytes on, and direct connections that two behind routers open together.
 */
export class Paths {
  readonly #init: PathsInit;
  readonly #stopping = new AbortController();
  readonly #probes: Probes;
  readonly #watch: ReachabilityWatch;
  readonly #relays: Relays;
  readonly #server: RelayServer;
  readonly #punch: Punch;
  /** Members that no direct connection could be opened to yet, how often that was tried, and when last. */
  readonly #punched = new Map<Ss58, { readonly tries: number; readonly atMs: number }>();
  readonly #off: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** What others know of us by hellos, and our host by events. */
  #said = '[[],false]';
  #told = '';

  constructor(init: PathsInit) {
    this.#init = init;
    const { network, internals, listenHost, portMap } = init;
    const stopping = this.#stopping.signal;
    const isDirect = (hotkey: Ss58) => this.#direct(hotkey) !== null;
    const hotkeyOf = (peerId: string) =>
      network.peers().find((hotkey) => init.members.peerIdOf(hotkey) === peerId) ?? null;
    const peerIdOfMember = (hotkey: Ss58) => init.members.peerIdOf(hotkey);
    const known = { network, stopping, isDirect, hotkeyOf, peerIdOf: peerIdOfMember };
    this.#probes = new Probes(internals);
    const dialBack = new DialBack({
      ...{ network, listenHost, probes: this.#probes },
      direct: (hotkey) => this.#direct(hotkey),
    });
    this.#watch = new ReachabilityWatch({
      ...{ dialBack, stopping },
      direct: () => network.peers().filter(isDirect),
      ports: () => this.#ports(),
      mapping: () => portMap.mapping,
      onVerdict: () => this.#changed(),
    });
    this.#relays = new Relays({
      ...{ ...known, internals },
      isWanted: () => this.#watch.state === 'private',
      onChange: () => this.#changed(),
    });
    this.#server = new RelayServer({ ...known, serves: () => this.isRelay });
    this.#punch = new Punch({
      ...{ ...known, internals, listenHost },
      seen: (localPort, signal) => this.#seen(localPort, signal),
    });
  }

  /** Whether we say that others may come to members through us. */
  get isRelay(): boolean {
    return this.#init.mayRelay && ['public', 'mapped'].includes(this.#watch.state);
  }

  /** Where others are known to reach us, the surest first. */
  addresses(): string[] {
    return [...this.#watch.verdict.addresses, ...this.#relays.addresses()];
  }

  isProbe(connection: Connection): boolean {
    return this.#probes.isProbe(connection);
  }

  /** A member has said whether others may come through it. */
  noteRelay(hotkey: Ss58, offers: boolean): void {
    this.#relays.note(hotkey, offers);
  }

  /** @throws {AppError} PEER_UNREACHABLE */
  dialRelayed(address: string, peerKey: string, signal: AbortSignal): Promise<void> {
    return this.#relays.dial(address, peerIdOf(peerKey).toString(), signal);
  }

  /** Asks others now whether they reach us. */
  async test(): Promise<void> {
    await this.#init.portMap.look();
    await this.#watch.test();
    await this.#relays.look();
  }

  async start(): Promise<void> {
    const { node, network, portMap, seenProtocol } = this.#init;
    await serveSeen(node, seenProtocol, this.#stopping.signal);
    this.#off.push(
      network.onPeer((hotkey, connected) => {
        if (connected) this.#met(hotkey);
        else this.#punched.delete(hotkey);
      }),
      this.#init.members.onConnections(() => this.#tell()),
      portMap.onChange(() => {
        this.#watch.changed();
        this.#tell();
      }),
    );
    this.#relays.start();
    portMap.start(this.#ports()[0] ?? 0);
    this.#timer = setInterval(() => this.#lookAtRelayed(), RELAYED_LOOK_EVERY_MS);
    this.#timer.unref();
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    for (const off of this.#off.splice(0)) off();
    this.#watch.stop();
    this.#relays.stop();
    this.#server.stop();
    await this.#init.portMap.stop();
  }

  #ports(): number[] {
    const listening = this.#init.internals().transportManager.getAddrs();
    const ports = listening.flatMap((address) => tcpPort(address.toString()) ?? []);
    return [...new Set(ports)];
  }

  #direct(hotkey: Ss58): Connection | null {
    const connections = this.#init.members.connectionsOf(hotkey);
    return connections.find((one) => one.status === 'open' && !isRelayed(one)) ?? null;
  }

  #met(hotkey: Ss58): void {
    this.#watch.changed();
    this.#punchWith(hotkey);
  }

  #punchWith(hotkey: Ss58): void {
    const [connection] = this.#init.members.connectionsOf(hotkey);
    // One of the two begins: who dialled.
    if (!connection || this.#direct(hotkey) || connection.direction === 'inbound') return;
    const before = this.#punched.get(hotkey) ?? { tries: 0, atMs: Number.NEGATIVE_INFINITY };
    const nowMs = performance.now();
    if (before.tries >= PUNCH_TRIES || nowMs - before.atMs < PUNCH_RETRY_MS) return;
    this.#punched.set(hotkey, { tries: before.tries + 1, atMs: nowMs });
    void this.#punch.tryWith(hotkey);
  }

  async #seen(localPort: number, signal: AbortSignal): Promise<Seen> {
    const protocol = this.#init.seenProtocol;
    for (const hotkey of this.#relays.direct()) {
      const connection = this.#direct(hotkey);
      if (!connection || connection.direction === 'inbound') continue;
      const { remoteAddr, remotePeer } = connection;
      const address = `${bareAddress(remoteAddr.toString())}/p2p/${remotePeer}`;
      return seenFrom(this.#probes, { address, protocol, localPort }, signal);
    }
    throw new Error('no member says how we are seen');
  }

  /** One beside a direct connection only takes the relay's room, once nothing runs over it; the others may do better. */
  #lookAtRelayed(): void {
    for (const hotkey of this.#init.network.peers()) {
      if (!this.#direct(hotkey)) this.#punchWith(hotkey);
      else
        for (const one of this.#init.members.connectionsOf(hotkey))
          if (isRelayed(one) && one.streams.length === 0) void one.close().catch(() => {});
    }
  }

  #changed(): void {
    if (this.#stopping.signal.aborted) return;
    void this.#relays.look();
    const said = JSON.stringify([this.addresses(), this.isRelay]);
    if (said !== this.#said) this.#init.onChange();
    this.#said = said;
    this.#tell();
  }

  #tell(): void {
    const now = this.#now();
    const text = JSON.stringify(now);
    if (text === this.#told || this.#stopping.signal.aborted) return;
    this.#told = text;
    this.#init.onReachability(now);
  }

  #now(): Reachability {
    const { verdict, state, testedAtMs } = this.#watch;
    const relays = this.#relays.kept;
    const peers = this.#init.network.peers();
    const direct = peers.filter((hotkey) => this.#direct(hotkey) !== null).length;
    const isOpen = state === 'public' || state === 'mapped';
    const relayed = relays.length > 0 ? 'relayed' : 'blocked';
    return {
      state: state === 'private' ? relayed : state,
      address: isOpen ? (verdict.addresses[0] ?? null) : null,
      ...{ testedAtMs, asked: verdict.asked, reached: verdict.reached },
      mapping: this.#init.portMap.mapping,
      relays: [...relays],
      isRelay: this.isRelay,
      relayPlaces: this.#server.places,
      ...{ direct, relayed: peers.length - direct },
    };
  }
}

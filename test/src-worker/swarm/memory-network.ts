import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { Incoming } from '../../../src-worker/swarm/net/incoming.ts';
import type { Network, PeerLink, Protocol } from '../../../src-worker/swarm/net/link.ts';

/** Bytes that a side may have under way before its `send` waits, as with a stream window. */
const WINDOW_BYTES = 524_288;

/** What a test does to the bytes of one direction before they arrive: pass on, drop, change, repeat or hold them. */
export type Tamper = (bytes: Uint8Array, deliver: (bytes: Uint8Array) => void) => void;

/** A peer's line to everybody. */
interface Uplink {
  readonly bytesPerS: number;
  freeAtMs: number;
}

type Serve = (link: PeerLink, from: Ss58) => Promise<void>;

/** Peers in one process behind the same interface as libp2p, with back pressure; time passes on slowed lines alone. */
export class MemoryWorld {
  readonly peers = new Map<Ss58, MemoryNetwork>();
  readonly keys = new Map<Ss58, Hex>();
  readonly tampers = new Map<string, Tamper>();
  readonly apart = new Set<string>();
  readonly #uplinks = new Map<Ss58, Uplink>();

  join(hotkey: Ss58, peerKey: Hex): MemoryNetwork {
    this.keys.set(hotkey, peerKey);
    const network = new MemoryNetwork(this, hotkey);
    this.peers.set(hotkey, network);
    for (const other of this.peers.values()) if (other !== network) other.told(hotkey, true);
    return network;
  }

  /** As when a process is killed: all its streams break and nobody reaches it. */
  kill(hotkey: Ss58): void {
    this.peers.get(hotkey)?.breakAll();
    this.peers.delete(hotkey);
    for (const other of this.peers.values()) other.told(hotkey, false);
  }

  /** These two have no connection. */
  part(a: Ss58, b: Ss58): void {
    this.apart.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  /** And these have one again. */
  meet(a: Ss58, b: Ss58): void {
    for (const pair of [`${a} ${b}`, `${b} ${a}`]) this.apart.delete(pair);
    this.peers.get(a)?.told(b, true);
    this.peers.get(b)?.told(a, true);
  }

  /** From now on all that a peer sends leaves it at this rate, in the order in which it was sent. */
  slow(hotkey: Ss58, bytesPerS: number): void {
    this.#uplinks.set(hotkey, { bytesPerS, freeAtMs: 0 });
  }

  uplinkOf(hotkey: Ss58): Uplink | undefined {
    return this.#uplinks.get(hotkey);
  }

  /** Changes what `from` sends to `to` on a protocol. */
  tamper(from: Ss58, to: Ss58, protocol: Protocol, tamper: Tamper): void {
    this.tampers.set(`${from} ${to} ${protocol}`, tamper);
  }
}

export class MemoryNetwork implements Network {
  readonly self: Ss58;
  readonly #world: MemoryWorld;
  readonly #serves = new Map<Protocol, Serve>();
  readonly #listeners = new Set<(hotkey: Ss58, connected: boolean) => void>();
  readonly #links = new Set<PeerLink>();

  constructor(world: MemoryWorld, self: Ss58) {
    this.#world = world;
    this.self = self;
  }

  peers(): readonly Ss58[] {
    return [...this.#world.peers.keys()].filter((hotkey) => hotkey !== this.self && this.isConnected(hotkey));
  }

  isConnected(hotkey: Ss58): boolean {
    const { peers, apart } = this.#world;
    return peers.has(hotkey) && peers.has(this.self) && !apart.has(`${this.self} ${hotkey}`);
  }

  peerKey(hotkey: Ss58): Hex | null {
    return this.#world.keys.get(hotkey) ?? null;
  }

  bindingOf(hotkey: Ss58): string | null {
    return this.#world.keys.has(hotkey) ? `binding of ${hotkey}` : null;
  }

  async open(hotkey: Ss58, protocol: Protocol, signal: AbortSignal): Promise<PeerLink> {
    signal.throwIfAborted();
    const other = this.#world.peers.get(hotkey);
    const serve = other ? other.#serves.get(protocol) : undefined;
    if (!other || !serve || !this.isConnected(hotkey))
      throw new AppError('PEER_UNREACHABLE', { peer: hotkey });
    const direction = (from: Ss58, to: Ss58) =>
      new Direction(this.#world.tampers.get(`${from} ${to} ${protocol}`), this.#world.uplinkOf(from));
    const out = direction(this.self, hotkey);
    const back = direction(hotkey, this.self);
    const mine = linkOf(out, back);
    const theirs = linkOf(back, out);
    this.#links.add(mine);
    other.#links.add(theirs);
    queueMicrotask(() => void serve(theirs, this.self).catch(() => theirs.abort()));
    return mine;
  }

  handle(protocol: Protocol, serve: Serve): void {
    this.#serves.set(protocol, serve);
  }

  onPeer(listener: (hotkey: Ss58, connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  told(hotkey: Ss58, connected: boolean): void {
    for (const listener of this.#listeners) listener(hotkey, connected);
  }

  breakAll(): void {
    for (const link of this.#links) link.abort();
  }
}

class Direction {
  readonly incoming: Incoming;
  readonly #tamper: Tamper | undefined;
  readonly #uplink: Uplink | undefined;
  #drained = Promise.withResolvers<void>();
  #paused = false;
  #broken = false;
  underWay = 0;

  constructor(tamper: Tamper | undefined, uplink: Uplink | undefined) {
    this.#tamper = tamper;
    this.#uplink = uplink;
    this.incoming = new Incoming({
      pause: () => {
        this.#paused = true;
      },
      resume: () => {
        this.#paused = false;
        this.#drained.resolve();
        this.#drained = Promise.withResolvers();
      },
    });
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (this.#broken) throw new Error('stream broke');
    this.underWay += bytes.length;
    if (this.#uplink) await this.#leave(this.#uplink, bytes.length);
    const deliver = (part: Uint8Array) => this.incoming.push(part.slice());
    // A turn of the event loop between sending and arriving, as on a socket.
    setImmediate(() => {
      this.underWay -= bytes.length;
      if (this.#broken) return;
      if (this.#tamper) this.#tamper(bytes, deliver);
      else deliver(bytes);
    });
    if (this.underWay > WINDOW_BYTES) await new Promise((resolve) => setImmediate(resolve));
    if (this.#paused) await this.#drained.promise;
    if (this.#broken) throw new Error('stream broke');
  }

  /** Until the bytes have left over a line that all streams of a peer share. */
  #leave(uplink: Uplink, bytes: number): Promise<void> {
    const nowMs = performance.now();
    uplink.freeAtMs = Math.max(nowMs, uplink.freeAtMs) + (bytes / uplink.bytesPerS) * 1_000;
    return new Promise((resolve) => void setTimeout(resolve, uplink.freeAtMs - nowMs));
  }

  end(): void {
    setImmediate(() => this.incoming.end(null));
  }

  break(): void {
    this.#broken = true;
    this.incoming.end(new Error('stream broke'));
    this.#drained.resolve();
  }
}

function linkOf(out: Direction, back: Direction): PeerLink {
  return {
    incoming: back.incoming,
    send: (bytes) => out.send(bytes),
    close: async () => out.end(),
    abort: () => {
      out.break();
      back.break();
    },
  };
}

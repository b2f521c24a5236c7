import type { Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { pause, withLimit } from '../../../src-node/waits.ts';
import type { AddressState } from '../../../src-shared/contract/swarm.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { DIAL_LIMIT_MS } from '../limits.ts';
import type { BoundPeer, Directory } from './directory.ts';
import { bareAddress } from './kinds/bare.ts';
import { relayIn } from './kinds/relayed.ts';
import type { Members } from './members.ts';
import { RELAY_HEAD_START_MS } from './paths/limits.ts';
import type { Paths } from './paths/paths.ts';
import { Redialler } from './redial.ts';
import type { PeerSource } from './sources/source.ts';
import { peerIdOf } from './twin.ts';

interface DiallerInit {
  readonly node: Libp2p;
  readonly self: Ss58;
  readonly directory: Directory;
  readonly members: Members;
  readonly sources: readonly PeerSource[];
  readonly paths: Pick<Paths, 'dialRelayed'> | null;
  readonly stopping: AbortSignal;
  /** Where we listen ourselves: nobody to dial. */
  ownAddresses(): readonly string[];
  onAddresses(states: readonly AddressState[]): void;
}

/**
 * Dials whoever is known and not connected, again and again, so that a single address grows into a full mesh: members
 * of the directory by hotkey, and bare addresses of which nobody knows yet who answers there.
 */
export class Dialler {
  readonly #init: DiallerInit;
  /** When somebody last answered at an address that a source names, in ms since 1970. */
  readonly #answered = new Map<string, number>();
  readonly #redialler: Redialler;

  constructor(init: DiallerInit) {
    this.#init = init;
    this.#redialler = new Redialler({
      wanted: () => this.#missing(),
      dial: (target) => this.#dialTarget(target),
      onTurn: () => init.onAddresses(this.#states()),
    });
    init.members.onPeer((_, connected) => (connected ? init.onAddresses(this.#states()) : this.nudge()));
  }

  /** Something changed: look again who is missing. */
  nudge(): void {
    this.#redialler.nudge();
  }

  stop(): void {
    this.#redialler.stop();
  }

  #patience(signal: AbortSignal): AbortSignal {
    return withLimit(AbortSignal.any([signal, this.#init.stopping]), DIAL_LIMIT_MS);
  }

  #missing(): string[] {
    const { directory, members, self } = this.#init;
    const known = directory.all().filter(({ hotkey, record }) => {
      const isMember = hotkey !== self && directory.members?.has(hotkey);
      return isMember && !members.has(hotkey) && record.addresses.length > 0;
    });
    const named = new Set(this.#named());
    return [...known.map(({ hotkey }) => hotkey), ...[...named].filter((a) => !this.#isReached(a))];
  }

  #named(sources = this.#init.sources): readonly string[] {
    return sources.flatMap((source) => source.addresses());
  }

  #states(): AddressState[] {
    const named = new Set(this.#named(this.#init.sources.filter(({ isQuiet }) => !isQuiet)));
    for (const address of this.#answered.keys()) if (!named.has(address)) this.#answered.delete(address);
    return [...named].map((address) => {
      const { tries, dueAtMs } = this.#redialler.stateOf(address) ?? { tries: 0, dueAtMs: null };
      const isReached = this.#isReached(address);
      return {
        ...{ address, isReached, answeredAtMs: this.#answered.get(address) ?? null },
        tries: isReached ? 0 : tries,
        retryAtMs: isReached || dueAtMs === null ? null : wallMs(dueAtMs),
      };
    });
  }

  /** Only who was admitted counts: an address whose peer turned us away has to be tried again. */
  #isReached(address: string): boolean {
    const { directory, members, ownAddresses } = this.#init;
    const bare = bareAddress(address);
    const known = directory.all().some((p) => members.has(p.hotkey) && p.record.addresses.includes(bare));
    return known || members.areAt(bare) || ownAddresses().some((own) => bareAddress(own) === bare);
  }

  async #dialTarget(target: string): Promise<void> {
    const { node, directory, stopping } = this.#init;
    const signal = this.#patience(stopping);
    if (target.startsWith('/')) {
      if (this.#isKnocking(target)) return;
      await node.dial(multiaddr(target), { signal });
      this.#answered.set(target, Date.now());
      return;
    }
    const known = directory.get(target as Ss58);
    if (!known) return;
    await this.#dialMember(known, signal);
  }

  /** All its addresses, those through a relay a little later: a direct way is the better one, and may be none. */
  async #dialMember({ peerKey, record }: BoundPeer, signal: AbortSignal): Promise<void> {
    const { node, paths } = this.#init;
    const found = new AbortController();
    const either = AbortSignal.any([signal, found.signal]);
    const peerId = peerIdOf(peerKey);
    const direct = record.addresses.filter((address) => relayIn(address) === null);
    const relayed = record.addresses.filter((address) => relayIn(address) !== null);
    const straight = async () => {
      if (direct.length === 0) throw new AppError('PEER_UNREACHABLE', { peer: String(peerId) });
      await node.dial(
        direct.map((address) => multiaddr(`${address}/p2p/${peerId}`)),
        { signal },
      );
    };
    const around = async (address: string) => {
      if (direct.length > 0) await pause(RELAY_HEAD_START_MS, either);
      either.throwIfAborted();
      if (!paths) throw new AppError('PEER_UNREACHABLE', { peer: address });
      await paths.dialRelayed(address, peerKey, either);
    };
    try {
      await Promise.any([straight(), ...relayed.map(around)]);
    } finally {
      found.abort();
    }
  }

  /** A connection to that address is open and its peer has not let us in yet. */
  #isKnocking(address: string): boolean {
    const bare = bareAddress(address);
    const connections = this.#init.node.getConnections();
    return connections.some(({ remoteAddr }) => bareAddress(remoteAddr.toString()) === bare);
  }
}

/** A moment of the monotonic clock as a person reads it. */
const wallMs = (monotonicMs: number): number => Math.round(performance.timeOrigin + monotonicMs);

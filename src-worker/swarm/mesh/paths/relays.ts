import { multiaddr } from '@multiformats/multiaddr';
import { awakeLimit } from '../../../../src-node/awake-clock.ts';
import { withLimit } from '../../../../src-node/waits.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { ask, MessageReader, sendMessage } from '../../net/ask.ts';
import { fromBytes, toBytes } from '../../net/json.ts';
import type { Network, PeerLink } from '../../net/link.ts';
import { relayedAt, relayIn } from '../kinds/relayed.ts';
import type { Internals } from './internals.ts';
import { PATH_MESSAGE_BYTES_MAX, RELAY_ASK_LIMIT_MS, RELAYS_LOOK_EVERY_MS, RELAYS_WANTED } from './limits.ts';
import { isYes, type RelayAsk, relayedFromSchema, YES } from './relay-messages.ts';
import { relayedConnection } from './relayed-connection.ts';

interface RelaysInit {
  readonly network: Network;
  readonly internals: () => Internals;
  readonly stopping: AbortSignal;
  hotkeyOf(peerId: string): Ss58 | null;
  peerIdOf(hotkey: Ss58): string | null;
  isDirect(hotkey: Ss58): boolean;
  /** Nobody reaches us from outside, as far as is known. */
  isWanted(): boolean;
  /** Places were won or lost: our addresses are others now. */
  onChange(): void;
}

/** Members that pass bytes on to us and for us: places kept at some, and connections through them. */
export class Relays {
  readonly #init: RelaysInit;
  /** Members that say that they are relays. */
  readonly #offering = new Set<Ss58>();
  readonly #kept = new Set<Ss58>();
  readonly #off: () => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  constructor(init: RelaysInit) {
    this.#init = init;
    init.network.handle('relayed', (link, from) => this.#accept(link, from));
    this.#off = init.network.onPeer((hotkey, connected) => {
      if (connected) return;
      this.#offering.delete(hotkey);
      if (this.#kept.delete(hotkey)) init.onChange();
      void this.look();
    });
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), RELAYS_LOOK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#off();
  }

  /** A member has said whether it is one. */
  note(hotkey: Ss58, offers: boolean): void {
    if (!offers) this.#offering.delete(hotkey);
    else if (!this.#offering.has(hotkey)) {
      this.#offering.add(hotkey);
      void this.look();
    }
  }

  get kept(): readonly Ss58[] {
    return [...this.#kept];
  }

  /** Members that offer to relay and are connected without one between. */
  direct(): readonly Ss58[] {
    return [...this.#offering].filter((hotkey) => this.#init.isDirect(hotkey));
  }

  /** Where others reach us through them. */
  addresses(): string[] {
    return this.kept.flatMap((hotkey) => {
      const peerId = this.#init.peerIdOf(hotkey);
      return peerId ? [relayedAt(peerId)] : [];
    });
  }

  /** Takes places where some are missing, and gives back those that are not needed. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /**
   * Opens a connection to a peer through a relay that the address names.
   * @throws {AppError} PEER_UNREACHABLE
   */
  async dial(address: string, peerId: string, signal: AbortSignal): Promise<void> {
    const { hotkeyOf, isDirect, network, internals } = this.#init;
    const relay = hotkeyOf(relayIn(address) ?? '');
    if (!relay || !isDirect(relay)) throw new AppError('PEER_UNREACHABLE', { peer: address });
    const patience = withLimit(signal, RELAY_ASK_LIMIT_MS);
    const link = await network.open(relay, 'relay', patience);
    const abort = () => link.abort();
    patience.addEventListener('abort', abort, { once: true });
    try {
      const reader = new MessageReader(link, relay);
      await sendMessage(link, toBytes({ kind: 'connect', to: peerId } satisfies RelayAsk));
      if (!isYes(await reader.next(1))) throw new AppError('PEER_UNREACHABLE', { peer: address });
      const { upgrader } = internals();
      const through = { link, incoming: reader.rest(), direction: 'outbound' } as const;
      await upgrader.upgradeOutbound(this.#connection(through, `${address}/p2p/${peerId}`), {
        signal: patience,
      });
    } catch (thrown) {
      link.abort();
      throw thrown;
    } finally {
      patience.removeEventListener('abort', abort);
    }
  }

  async #look(): Promise<void> {
    const { isWanted, network, stopping } = this.#init;
    const before = this.#kept.size;
    const asked = (kind: 'reserve' | 'release', hotkey: Ss58) => {
      const limits = { maxBytes: 1, limitMs: RELAY_ASK_LIMIT_MS, signal: stopping };
      const to = { hotkey, protocol: 'relay' } as const;
      return ask(network, to, toBytes({ kind } satisfies RelayAsk), limits).then(isYes, () => false);
    };
    if (!isWanted()) {
      const given = this.kept;
      this.#kept.clear();
      await Promise.all(given.map((hotkey) => asked('release', hotkey)));
    } else
      for (const hotkey of this.direct()) {
        if (this.#kept.size >= RELAYS_WANTED) break;
        if (!this.#kept.has(hotkey) && (await asked('reserve', hotkey))) this.#kept.add(hotkey);
      }
    if (this.#kept.size !== before && !stopping.aborted) this.#init.onChange();
  }

  /** Somebody comes through a relay. Who it is, its own greeting says, as of everybody. */
  async #accept(link: PeerLink, relay: Ss58): Promise<void> {
    const reader = new MessageReader(link, relay);
    const signal = AbortSignal.any([this.#init.stopping, awakeLimit(RELAY_ASK_LIMIT_MS)]);
    const abort = () => link.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      const said = await reader.next(PATH_MESSAGE_BYTES_MAX);
      const told = said && fromBytes(relayedFromSchema, said);
      const relayId = this.#init.peerIdOf(relay);
      if (!told || !relayId || !this.#kept.has(relay)) return link.abort();
      await sendMessage(link, YES);
      const through = { link, incoming: reader.rest(), direction: 'inbound' } as const;
      const connection = this.#connection(through, `${relayedAt(relayId)}/p2p/${told.from}`);
      await this.#init.internals().upgrader.upgradeInbound(connection, { signal });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #connection(
    through: Pick<Parameters<typeof relayedConnection>[0], 'link' | 'incoming' | 'direction'>,
    address: string,
  ) {
    const log = this.#init.internals().logger.forComponent('butterfly:relayed');
    return relayedConnection({ ...through, remoteAddr: multiaddr(address), log });
  }
}

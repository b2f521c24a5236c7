import { awakeLimit } from '../../../../src-node/awake-clock.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { MessageReader, sendMessage } from '../../net/ask.ts';
import { fromBytes, toBytes } from '../../net/json.ts';
import type { Network, PeerLink } from '../../net/link.ts';
import {
  CIRCUIT_BYTES_MAX,
  CIRCUIT_LIMIT_MS,
  CIRCUITS_MAX,
  CIRCUITS_OF_ONE_MAX,
  PATH_MESSAGE_BYTES_MAX,
  RELAY_ASK_LIMIT_MS,
  RELAY_PLACES_MAX,
} from './limits.ts';
import { isYes, NO, relayAskSchema, YES } from './relay-messages.ts';

interface RelayServerInit {
  readonly network: Network;
  readonly stopping: AbortSignal;
  /** Whether this node passes bytes on now: its user lets it, and others reach it. */
  serves(): boolean;
  hotkeyOf(peerId: string): Ss58 | null;
  peerIdOf(hotkey: Ss58): string | null;
  /** Whether a member is connected without a relay between. */
  isDirect(hotkey: Ss58): boolean;
}

interface Circuit {
  readonly from: PeerLink;
  readonly fromRest: AsyncIterable<Uint8Array>;
  readonly to: PeerLink;
  readonly toRest: AsyncIterable<Uint8Array>;
}

/**
 * Passes bytes between members that do not reach each other: from any member to one that keeps a place here. They are
 * encrypted between the two; what this node learns is who speaks with whom, and how much.
 */
export class RelayServer {
  readonly #init: RelayServerInit;
  readonly #places = new Set<Ss58>();
  readonly #circuits = new Map<Ss58, number>();
  readonly #off: () => void;

  constructor(init: RelayServerInit) {
    this.#init = init;
    init.network.handle('relay', (link, from) => this.#serve(link, from));
    this.#off = init.network.onPeer((hotkey, connected) => {
      if (!connected) this.#places.delete(hotkey);
    });
  }

  /** Members that keep a place here. */
  get places(): number {
    return this.#places.size;
  }

  stop(): void {
    this.#off();
  }

  async #serve(link: PeerLink, from: Ss58): Promise<void> {
    const patience = awakeLimit(RELAY_ASK_LIMIT_MS);
    const late = () => link.abort();
    patience.addEventListener('abort', late, { once: true });
    const reader = new MessageReader(link, from);
    const said = await reader.next(PATH_MESSAGE_BYTES_MAX);
    const asked = said && fromBytes(relayAskSchema, said);
    const target = asked?.kind === 'connect' ? this.#target(from, asked.to) : null;
    if (target) {
      // Counted from here on: many may be asked for while the first is still announced.
      this.#circuits.set(from, (this.#circuits.get(from) ?? 0) + 1);
      try {
        const end = await this.#announce(target, from, patience);
        patience.removeEventListener('abort', late);
        if (!end) return await refuse(link);
        await sendMessage(link, YES);
        return await this.#carry({ from: link, fromRest: reader.rest(), ...end });
      } finally {
        this.#ended(from);
      }
    }
    patience.removeEventListener('abort', late);
    const isKept = asked?.kind === 'reserve' && this.#reserve(from);
    if (asked?.kind === 'release') this.#places.delete(from);
    await sendMessage(link, isKept ? YES : NO);
    await link.close();
  }

  #reserve(from: Ss58): boolean {
    const { serves, isDirect } = this.#init;
    const hasRoom = this.#places.has(from) || this.#places.size < RELAY_PLACES_MAX;
    if (!serves() || !isDirect(from) || !hasRoom) return false;
    this.#places.add(from);
    return true;
  }

  /** Whom a circuit leads to; null for one that may not be. */
  #target(from: Ss58, peerId: string): Ss58 | null {
    const { serves, isDirect, hotkeyOf } = this.#init;
    const to = hotkeyOf(peerId);
    const all = [...this.#circuits.values()].reduce((sum, one) => sum + one, 0);
    const isFull = all >= CIRCUITS_MAX || (this.#circuits.get(from) ?? 0) >= CIRCUITS_OF_ONE_MAX;
    if (!to || to === from || isFull || !serves()) return null;
    return this.#places.has(to) && isDirect(to) && isDirect(from) ? to : null;
  }

  async #announce(to: Ss58, from: Ss58, signal: AbortSignal) {
    const link = await this.#init.network.open(to, 'relayed', signal).catch(() => null);
    if (!link) return null;
    const reader = new MessageReader(link, to);
    const abort = () => link.abort();
    signal.addEventListener('abort', abort, { once: true });
    try {
      await sendMessage(link, toBytes({ from: this.#init.peerIdOf(from) }));
      if (isYes(await reader.next(1))) return { to: link, toRest: reader.rest() };
    } catch {
      // It is gone, or does not want to.
    } finally {
      signal.removeEventListener('abort', abort);
    }
    link.abort();
    return null;
  }

  #ended(asker: Ss58): void {
    const left = this.#circuits.get(asker)! - 1;
    if (left > 0) this.#circuits.set(asker, left);
    else this.#circuits.delete(asker);
  }

  async #carry({ from, fromRest, to, toRest }: Circuit): Promise<void> {
    const end = AbortSignal.any([this.#init.stopping, awakeLimit(CIRCUIT_LIMIT_MS)]);
    const abort = () => {
      from.abort();
      to.abort();
    };
    end.addEventListener('abort', abort, { once: true });
    let leftBytes = CIRCUIT_BYTES_MAX;
    const pass = async (source: AsyncIterable<Uint8Array>, into: PeerLink) => {
      for await (const bytes of source) {
        leftBytes -= bytes.length;
        if (leftBytes < 0) throw new Error('a relayed connection has had its bytes');
        await into.send(bytes);
      }
      await into.close();
    };
    try {
      await Promise.all([pass(fromRest, to), pass(toRest, from)]);
    } catch {
      abort();
    } finally {
      end.removeEventListener('abort', abort);
    }
  }
}

async function refuse(link: PeerLink): Promise<void> {
  await sendMessage(link, NO);
  await link.close();
}

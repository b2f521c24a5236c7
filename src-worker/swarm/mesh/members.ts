import type { Connection } from '@libp2p/interface';
import type { Ss58 } from '../../../src-shared/units.ts';
import { bareAddress } from './kinds/bare.ts';

export interface MeshPeerEvent {
  readonly hotkey: Ss58;
  readonly peerId: string;
  readonly connected: boolean;
  readonly address: string | null;
}

interface Live {
  readonly peerId: string;
  readonly connections: Set<Connection>;
}

/** Admitted hotkeys and their open connections: of one hotkey one peer, which may have several. */
export class Members {
  readonly #live = new Map<Ss58, Live>();
  readonly #listeners = new Set<(hotkey: Ss58, connected: boolean) => void>();
  readonly #onConnections = new Set<() => void>();
  readonly #onEvent: (event: MeshPeerEvent) => void;

  constructor(onEvent: (event: MeshPeerEvent) => void) {
    this.#onEvent = onEvent;
  }

  hotkeys(): readonly Ss58[] {
    return [...this.#live.keys()];
  }

  has(hotkey: Ss58): boolean {
    return this.#live.has(hotkey);
  }

  peerIdOf(hotkey: Ss58): string | null {
    return this.#live.get(hotkey)?.peerId ?? null;
  }

  connectionsOf(hotkey: Ss58): readonly Connection[] {
    return [...(this.#live.get(hotkey)?.connections ?? [])];
  }

  holds(hotkey: Ss58, connection: Connection): boolean {
    return this.#live.get(hotkey)?.connections.has(connection) ?? false;
  }

  /** Whether somebody was admitted over a connection to that address. */
  areAt(bare: string): boolean {
    return this.hotkeys().some((hotkey) =>
      this.connectionsOf(hotkey).some(({ remoteAddr }) => bareAddress(remoteAddr.toString()) === bare),
    );
  }

  /** @returns a function that unsubscribes */
  onPeer(listener: (hotkey: Ss58, connected: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hears of every connection of a member that comes or goes, not of its first and last alone. */
  onConnections(listener: () => void): () => void {
    this.#onConnections.add(listener);
    return () => this.#onConnections.delete(listener);
  }

  admit(hotkey: Ss58, connection: Connection): void {
    this.#admit(hotkey, connection);
    for (const listener of this.#onConnections) listener();
  }

  #admit(hotkey: Ss58, connection: Connection): void {
    const live = this.#live.get(hotkey);
    if (live) {
      live.connections.add(connection);
      return;
    }
    const peerId = connection.remotePeer.toString();
    this.#live.set(hotkey, { peerId, connections: new Set([connection]) });
    const address = bareAddress(connection.remoteAddr.toString());
    this.#onEvent({ hotkey, peerId, connected: true, address });
    for (const listener of this.#listeners) listener(hotkey, true);
  }

  /** One connection ended; with its last one the hotkey leaves. */
  closed(hotkey: Ss58, connection: Connection): void {
    const live = this.#live.get(hotkey);
    if (live?.connections.delete(connection) && live.connections.size === 0) this.leave(hotkey);
    for (const listener of this.#onConnections) listener();
  }

  leave(hotkey: Ss58): void {
    const live = this.#live.get(hotkey);
    if (!live) return;
    this.#live.delete(hotkey);
    this.#onEvent({ hotkey, peerId: live.peerId, connected: false, address: null });
    for (const listener of this.#listeners) listener(hotkey, false);
  }
}

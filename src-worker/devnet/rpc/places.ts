import { MAX_CONNECTIONS, QUIET_CLIENT_MS } from '../limits.ts';

/** What decides who has to leave when places run out. */
export interface Guest {
  readonly silentMs: number | null;
  readonly isIdle: boolean;
  leave(): void;
}

/**
 * The connections, in order of arrival. A client that speaks is served: when all places are taken the one that has
 * been of no use for longest gives way, first among those that never spoke, then among those that wait for nothing.
 */
export class Places {
  readonly #guests = new Set<Guest>();

  /** Makes sure that one more may come in. @returns false where everybody is busy. */
  makeRoom(): boolean {
    if (this.#guests.size < MAX_CONNECTIONS) return true;
    const leaving = this.#leastUseful();
    if (!leaving) return false;
    this.#guests.delete(leaving);
    leaving.leave();
    return true;
  }

  /** @returns what to call when this guest is gone. */
  take(guest: Guest): () => void {
    this.#guests.add(guest);
    return () => void this.#guests.delete(guest);
  }

  #leastUseful(): Guest | undefined {
    const idle = [...this.#guests].filter((guest) => guest.isIdle);
    const mute = idle.find(({ silentMs }) => silentMs === null);
    if (mute) return mute;
    const quiet = idle.filter(({ silentMs }) => (silentMs ?? 0) >= QUIET_CLIENT_MS);
    return quiet.sort((a, b) => (b.silentMs ?? 0) - (a.silentMs ?? 0))[0];
  }
}

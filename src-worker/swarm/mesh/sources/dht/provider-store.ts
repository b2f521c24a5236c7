import { DHT_PROVIDED_PER_PEER, DHT_PROVIDER_LIFE_MS, MAX_KNOWN_RECORDS } from '../../../limits.ts';

interface Key {
  toString(): string;
}

interface Entry {
  readonly key: Key;
  readonly value: Uint8Array;
  readonly atMs: number;
}

/** As kad-dht names a provider: its folder, what it provides, who it is. */
const PREFIX = '/dht/provider/';

export const isProvider = (name: string): boolean => name.startsWith(PREFIX);

/**
 * Who gives what, as kad-dht keeps it, bounded: of each peer the newest of what it says, for as long as it says it again
 * in time. kad-dht itself lets a peer say it gives whatever and as much as it likes, for two days.
 */
export class ProviderStore {
  /** By peer and name; what was said last stands last. */
  readonly #byPeer = new Map<string, Map<string, Entry>>();

  put(key: Key, value: Uint8Array): void {
    const name = key.toString();
    const peer = name.slice(name.lastIndexOf('/') + 1);
    const known = this.#byPeer.get(peer);
    if (!known && this.#byPeer.size >= MAX_KNOWN_RECORDS) this.#sweep();
    if (!known && this.#byPeer.size >= MAX_KNOWN_RECORDS) return;
    const provided = known ?? new Map<string, Entry>();
    provided.delete(name);
    provided.set(name, { key, value, atMs: performance.now() });
    for (const old of [...provided.keys()].slice(0, -DHT_PROVIDED_PER_PEER)) provided.delete(old);
    this.#byPeer.set(peer, provided);
  }

  delete(key: Key): void {
    for (const provided of this.#byPeer.values()) provided.delete(key.toString());
  }

  /** All whose names begin so. */
  *under(prefix: string): Generator<Pick<Entry, 'key' | 'value'>> {
    this.#sweep();
    for (const provided of this.#byPeer.values())
      for (const [name, entry] of provided) if (name.startsWith(`${prefix}/`)) yield entry;
  }

  #sweep(): void {
    const bornMs = performance.now() - DHT_PROVIDER_LIFE_MS;
    for (const [peer, provided] of this.#byPeer) {
      for (const [name, { atMs }] of provided) if (atMs < bornMs) provided.delete(name);
      if (provided.size === 0) this.#byPeer.delete(peer);
    }
  }
}

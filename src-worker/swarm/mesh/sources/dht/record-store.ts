import { MAX_KNOWN_RECORDS } from '../../../limits.ts';
import { isProvider, ProviderStore } from './provider-store.ts';

interface Key {
  toString(): string;
}

/**
 * What kad-dht keeps here, bounded: one record a hotkey, who gives what (provider-store.ts), and nothing else. kad-dht
 * would let every peer leave as many records of public keys as it likes, and takes a record's place with an older one
 * where it comes later.
 */
export class RecordStore {
  readonly #isNewer: (one: Uint8Array, other: Uint8Array) => boolean;
  readonly #held = new Map<string, Uint8Array>();
  readonly #providers = new ProviderStore();

  /** @param isNewer of two records of one key, as kad-dht serializes them */
  constructor(isNewer: (one: Uint8Array, other: Uint8Array) => boolean) {
    this.#isNewer = isNewer;
  }

  put(key: Key, value: Uint8Array): Key {
    const name = key.toString();
    if (isProvider(name)) this.#providers.put(key, value);
    const held = this.#held.get(name);
    const fits = held ? this.#isNewer(value, held) : this.#held.size < MAX_KNOWN_RECORDS;
    if (isRecord(name) && fits) this.#held.set(name, value);
    return key;
  }

  get(key: Key): Uint8Array {
    const held = this.#held.get(key.toString());
    if (held) return held;
    // The name by which kad-dht tells what is not there.
    throw Object.assign(new Error('Not Found'), { name: 'NotFoundError' });
  }

  has(key: Key): boolean {
    return this.#held.has(key.toString());
  }

  delete(key: Key): void {
    this.#held.delete(key.toString());
    this.#providers.delete(key);
  }

  /** kad-dht asks so for providers alone. */
  async *query({ prefix }: { readonly prefix: string }) {
    yield* this.#providers.under(prefix);
  }
  async *queryKeys(): AsyncGenerator<never> {}
}

const isRecord = (name: string): boolean => name.startsWith('/dht/record/');

import { Blake2128Concat, Identity, Twox64Concat, Twox128 } from '@polkadot-api/substrate-bindings';
import { HASH_CACHE_ENTRIES, NUMBER_CACHE_ENTRIES } from '../limits.ts';
import type { Codec, Codecs } from '../scale/codecs.ts';
import { concat, fromHex, toHex } from '../scale/hex.ts';
import { Reader } from '../scale/wire.ts';
import type { AnyItem, Hasher, StorageItem } from './item.ts';

/** Raw bytes by raw key, both as the client sees them. */
export interface RawState {
  read(key: string): Uint8Array | null;
  /** Null removes the key. */
  write(key: string, value: Uint8Array | null): void;
  /** Keys that begin so, by a look at every key of the state: for what happens seldom. */
  keys?(prefix: string): readonly string[];
}

interface BoundItem {
  readonly prefix: string;
  readonly keys: readonly { readonly codec: Codec; readonly hasher: Hasher }[];
  readonly value: Codec;
}

interface StoringPallet {
  readonly name: string;
  readonly storage: Readonly<Record<string, AnyItem>>;
}

const HASHERS = { Identity, Twox64Concat, Blake2128Concat };
/** Bytes of hash that stand before the key itself. */
const HASH_BYTES = { Identity: 0, Twox64Concat: 8, Blake2128Concat: 16 };

/** Where every storage item of the runtime lies and how it is encoded. */
export class Layout {
  readonly #bound = new Map<AnyItem, BoundItem>();
  readonly #hashed = new Map<string, string>();
  readonly #numbers = new Map<Codec, string[]>();

  constructor(pallets: readonly StoringPallet[], codecs: Codecs) {
    const utf8 = new TextEncoder();
    for (const pallet of pallets) {
      const root = Twox128(utf8.encode(pallet.name));
      for (const [name, entry] of Object.entries(pallet.storage)) {
        this.#bound.set(entry, {
          prefix: toHex(concat(root, Twox128(utf8.encode(name)))),
          keys: entry.keys.map(([type, hasher]) => ({ codec: codecs.of(type), hasher })),
          value: codecs.of(entry.value),
        });
      }
    }
  }

  bound(entry: AnyItem): BoundItem {
    const bound = this.#bound.get(entry);
    if (!bound) throw new RangeError('storage item of no pallet');
    return bound;
  }

  key(entry: AnyItem, given: readonly unknown[]): string {
    const { prefix, keys } = this.bound(entry);
    let key = prefix;
    for (let i = 0; i < keys.length; i++) key += this.#part(keys[i]!, given[i]);
    return key;
  }

  /** What the keys of an item begin with whose first keys are given. */
  prefix(entry: AnyItem, given: readonly unknown[]): string {
    const { prefix, keys } = this.bound(entry);
    return prefix + given.map((each, i) => this.#part(keys[i]!, each)).join('');
  }

  /** The keys that a raw key was made of. */
  split(entry: AnyItem, raw: string): unknown[] {
    const { prefix, keys } = this.bound(entry);
    const reader = new Reader(fromHex(`0x${raw.slice(prefix.length)}`));
    return keys.map(({ codec, hasher }) => {
      reader.bytes(HASH_BYTES[hasher]);
      return codec.dec(reader);
    });
  }

  /** Netuids and uids are few, and every read of a neuron is by both. */
  #identity(codec: Codec, given: unknown): string {
    if (typeof given !== 'number' || given >= NUMBER_CACHE_ENTRIES) return toHex(codec.enc(given)).slice(2);
    const known = this.#numbers.get(codec) ?? [];
    if (known.length === 0) this.#numbers.set(codec, known);
    const text = known[given] ?? toHex(codec.enc(given)).slice(2);
    known[given] = text;
    return text;
  }

  /** Hashing is the cost of a key, and the same accounts come again and again: they are hex, so their own name. */
  #part({ codec, hasher }: BoundItem['keys'][number], given: unknown): string {
    if (hasher === 'Identity') return this.#identity(codec, given);
    const name = hasher[0] + (typeof given === 'string' ? given : toHex(codec.enc(given)));
    const known = this.#hashed.get(name);
    if (known !== undefined) return known;
    if (this.#hashed.size >= HASH_CACHE_ENTRIES) this.#hashed.clear();
    const hashed = toHex(HASHERS[hasher](codec.enc(given))).slice(2);
    this.#hashed.set(name, hashed);
    return hashed;
  }
}

/** Typed reads and writes over raw state. */
export class Store {
  readonly #layout: Layout;
  readonly #raw: RawState;

  constructor(layout: Layout, raw: RawState) {
    this.#layout = layout;
    this.#raw = raw;
  }

  get<K extends readonly unknown[], V>(entry: StorageItem<K, V>, ...keys: K): V {
    const raw = this.#raw.read(this.#layout.key(entry, keys));
    return raw === null ? entry.fallback : this.#layout.bound(entry).value.dec(new Reader(raw));
  }

  put<K extends readonly unknown[], V>(entry: StorageItem<K, V>, value: NonNullable<V>, ...keys: K): void {
    this.#raw.write(this.#layout.key(entry, keys), this.#layout.bound(entry).value.enc(value));
  }

  /** Replaces a value by a function of it. */
  change<K extends readonly unknown[], V>(
    entry: StorageItem<K, V>,
    step: (value: V) => NonNullable<V>,
    ...keys: K
  ): void {
    this.put(entry, step(this.get(entry, ...keys)), ...keys);
  }

  has<K extends readonly unknown[], V>(entry: StorageItem<K, V>, ...keys: K): boolean {
    return this.#raw.read(this.#layout.key(entry, keys)) !== null;
  }

  /** The keys under which an item is held, with the first of them given or none. */
  keys<K extends readonly unknown[], V>(entry: StorageItem<K, V>, ...given: readonly unknown[]): K[] {
    const wanted = given.filter((each) => each !== undefined);
    const raw = this.#raw.keys?.(this.#layout.prefix(entry, wanted)) ?? [];
    return raw.map((key) => this.#layout.split(entry, key) as unknown as K);
  }

  remove<K extends readonly unknown[], V>(entry: StorageItem<K, V>, ...keys: K): void {
    this.#raw.write(this.#layout.key(entry, keys), null);
  }
}

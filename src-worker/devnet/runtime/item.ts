export type Hasher = 'Identity' | 'Twox64Concat' | 'Blake2128Concat';

/** One storage item. A fallback of null makes it optional; any other is the value of an absent key. */
export interface StorageItem<K extends readonly unknown[], V> {
  readonly keys: readonly (readonly [type: string, hasher: Hasher])[];
  readonly value: string;
  readonly fallback: V;
  /** Only for the types: the keys a caller has to give. */
  readonly given?: K;
}

// biome-ignore lint/suspicious/noExplicitAny: a pallet's table holds items of every type
export type AnyItem = StorageItem<any, any>;

export const item = <K extends readonly unknown[], V>(
  keys: StorageItem<K, V>['keys'],
  value: string,
  fallback: V,
): StorageItem<K, V> => ({
  keys,
  value,
  fallback,
});

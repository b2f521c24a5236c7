import { unwrapStorageType } from '@polkadot/types/bundle';
import type { StorageEntryMetadataLatest } from '@polkadot/types/interfaces';
import type { Codec } from '@polkadot/types/types';
import { hexToU8a } from '@polkadot/util';
import * as v from 'valibot';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { KEYS_PER_REQUEST } from './limits.ts';
import type { Session } from './session.ts';

/**
 * Storage by name, as the metadata has it. Many keys travel in one request and are decoded here with the session's
 * own types: `api.at()` would cost two more requests for every block looked at.
 */
export interface StorageItem {
  readonly meta: StorageEntryMetadataLatest;
  key(...args: unknown[]): string;
}

export interface Query {
  readonly item: StorageItem;
  readonly args: readonly unknown[];
}

/** @returns null where this runtime has no such item. Names as in the metadata: ('SubtensorModule', 'Tempo'). */
export function storageItem(session: Session, pallet: string, name: string): StorageItem | null {
  const section: Record<string, unknown> | undefined = session.api.query[lowerFirst(pallet)];
  const entry = section?.[lowerFirst(name)] as
    | { readonly creator: { readonly meta: StorageEntryMetadataLatest }; key(...args: unknown[]): string }
    | undefined;
  return entry ? { meta: entry.creator.meta, key: (...args) => entry.key(...args) } : null;
}

/** @throws {AppError} CHAIN_CALL_UNAVAILABLE where this runtime has no such item. */
export function requiredItem(session: Session, pallet: string, name: string): StorageItem {
  const item = storageItem(session, pallet, name);
  if (!item) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `${pallet}.${name}` });
  return item;
}

/**
 * Values in the order asked for: null for an optional item that is not there, the metadata's own default otherwise.
 * @param at block hash, or null for the best block
 */
export async function readMany(
  session: Session,
  queries: readonly Query[],
  at: Hex | null,
  signal: AbortSignal,
): Promise<readonly (Codec | null)[]> {
  const keys = queries.map(({ item, args }) => item.key(...args));
  const raw = await readRaw(session, keys, at, signal);
  return queries.map(({ item }, i) => decode(session, item.meta, raw.get(keys[i] ?? '') ?? null));
}

/** Raw values by key; what the node does not answer for is absent. */
export async function readRaw(
  session: Session,
  keys: readonly string[],
  at: Hex | null,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let from = 0; from < keys.length; from += KEYS_PER_REQUEST) {
    const asked = keys.slice(from, from + KEYS_PER_REQUEST);
    const params = at === null ? [asked] : [asked, `0x${at}`];
    const sets = parse(changeSets, await session.socket.request('state_queryStorageAt', params, signal));
    for (const set of sets) for (const [key, value] of set.changes) if (value !== null) found.set(key, value);
  }
  return found;
}

/** Hex with 0x, as nodes write it. */
export const hexText = v.pipe(v.string(), v.regex(/^0x(?:[0-9a-f]{2})*$/));
const changeSets = v.array(v.object({ changes: v.array(v.tuple([v.string(), v.nullable(hexText)])) }));

function decode(session: Session, meta: StorageEntryMetadataLatest, value: string | null): Codec | null {
  if (value === null && meta.modifier.isOptional) return null;
  const bytes = value === null ? meta.fallback.toU8a(true) : hexToU8a(value);
  return decodeType(session, unwrapStorageType(session.registry, meta.type), bytes);
}

/** @throws {AppError} CHAIN_ANSWER_MALFORMED when the bytes do not fit the type. */
export function decodeType({ registry }: Pick<Session, 'registry'>, type: string, bytes: Uint8Array): Codec {
  try {
    return registry.createTypeUnsafe(type, [bytes]);
  } catch (error) {
    throw new AppError('CHAIN_ANSWER_MALFORMED', { what: type.slice(0, 80) }, error);
  }
}

/** A value at the door: `toPrimitive()` of a codec (numbers, decimal strings above 2^53, text, arrays) or plain JSON. */
export function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new AppError('CHAIN_ANSWER_MALFORMED', { what: result.issues[0].message.slice(0, 80) });
}

export const anyUint = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.pipe(v.string(), v.regex(/^\d{1,39}$/))]),
  v.transform((n) => BigInt(n)),
);
/** A block number, a tempo, a uid: never above 2^53. */
export const smallUint = v.pipe(
  anyUint,
  v.check((n) => n <= BigInt(Number.MAX_SAFE_INTEGER)),
  v.transform(Number),
);

export function lowerFirst(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

/** `add_stake_limit` as the client library names it. */
export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
}

import { MAX_KEY_BYTES, MAX_KEYS_PER_REQUEST } from '../limits.ts';
import { parseHex, toHex } from '../scale/hex.ts';
import { invalidParams } from './failure.ts';

/** Readers of request parameters; each refuses what it does not know. Null and missing are the same. */
export type Params = readonly unknown[];

export function hexParam(value: unknown, name: string, maxBytes: number): Uint8Array {
  return parseHex(value, maxBytes) ?? fault(name);
}

export function keyParam(value: unknown): string {
  return toHex(hexParam(value, 'storage key', MAX_KEY_BYTES));
}

/** Hash of a block, in the one way in which the chain writes it. */
export function hashParam(value: unknown): string {
  return toHex(hexParam(value, 'block hash', 32));
}

/** Each key once, however often it is named: a repeated one would multiply the answer. */
export function keysParam(value: unknown): string[] {
  if (!Array.isArray(value) || value.length > MAX_KEYS_PER_REQUEST) return fault('storage keys');
  return [...new Set(value.map(keyParam))];
}

export function numberParam(value: unknown, name: string, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max)
    return fault(name);
  return value;
}

export function flagParam(value: unknown, name: string): boolean {
  return typeof value === 'boolean' ? value : fault(name);
}

export function textParam(value: unknown, name: string, maxLength: number): string {
  return typeof value === 'string' && value.length <= maxLength ? value : fault(name);
}

export const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

function fault(name: string): never {
  throw invalidParams(name);
}

import { AppError } from './errors/app-error.ts';

/**
 * JSON with bigint and bytes, for the pages' WebSockets and for files people may open. Bytes are what a password is
 * typed into: the schemas of the signing window alone take them.
 */
const BIGINT = '$bigint';
const BYTES = '$bytes';

export function encodeWire(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === 'bigint') return { [BIGINT]: part.toString() };
    return part instanceof Uint8Array ? { [BYTES]: hexOf(part) } : part;
  });
}

/**
 * @param maxChars refuse longer texts before parsing them
 * @throws {AppError} WIRE_MALFORMED
 */
export function decodeWire(text: string, maxChars: number): unknown {
  if (text.length > maxChars)
    throw new AppError('WIRE_MALFORMED', { reason: `longer than ${maxChars} characters` });
  try {
    return JSON.parse(text, (_key, part: unknown) => untagged(part));
  } catch {
    throw new AppError('WIRE_MALFORMED', { reason: 'not JSON' });
  }
}

// 80 digits hold any u256; BigInt() of a longer text would cost quadratic time.
const DIGITS = /^-?\d{1,80}$/;
const PAIRS = /^(?:[0-9a-f]{2})*$/;

function untagged(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  const { [BIGINT]: digits, [BYTES]: pairs } = part as Readonly<Record<string, unknown>>;
  if (typeof digits === 'string' && DIGITS.test(digits)) return BigInt(digits);
  return typeof pairs === 'string' && PAIRS.test(pairs) ? bytesOf(pairs) : part;
}

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const bytesOf = (pairs: string): Uint8Array =>
  Uint8Array.from({ length: pairs.length / 2 }, (_, at) =>
    Number.parseInt(pairs.slice(2 * at, 2 * at + 2), 16),
  );

import { AppError } from './errors/app-error.ts';

/** JSON with bigint, for the page's WebSocket and for files people may open. Bytes do not travel this way. */
const TAG = '$bigint';

export function encodeWire(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? { [TAG]: part.toString() } : part,
  );
}

/**
 * @param maxChars refuse longer texts before parsing them
 * @throws {AppError} WIRE_MALFORMED
 */
export function decodeWire(text: string, maxChars: number): unknown {
  if (text.length > maxChars)
    throw new AppError('WIRE_MALFORMED', { reason: `longer than ${maxChars} characters` });
  try {
    return JSON.parse(text, (_key, part: unknown) => (isTaggedBigint(part) ? BigInt(part[TAG]) : part));
  } catch {
    throw new AppError('WIRE_MALFORMED', { reason: 'not JSON' });
  }
}

// 80 digits hold any u256; BigInt() of a longer text would cost quadratic time.
function isTaggedBigint(part: unknown): part is { [TAG]: string } {
  if (typeof part !== 'object' || part === null || !(TAG in part)) return false;
  const text = part[TAG];
  return typeof text === 'string' && /^-?\d{1,80}$/.test(text);
}

import { endianness } from 'node:os';
import { sha256Hex } from '../../../src-node/sha256.ts';
import type { Batch } from '../engine/engine.ts';

/** Sequences [first, first + count) of packed tokens with stride `context`. */
export function sliceBatch(tokens: Uint16Array, context: number, first: number, count: number): Batch {
  const start = first * context;
  const end = start + count * context;
  if (first < 0 || count < 1 || end + 1 > tokens.length) {
    throw new RangeError(`sequences ${first}+${count} of ${sequenceCount(tokens.length, context)}`);
  }
  return { ids: tokens.slice(start, end), targets: tokens.slice(start + 1, end + 1) };
}

/** Whole sequences that so many packed tokens hold: each needs one token more for its last target. */
export function sequenceCount(tokens: number, context: number): number {
  return Math.max(0, Math.floor((tokens - 1) / context));
}

/** Documents one after another in the order given, each closed by `endOfText`. */
export function packDocuments(documents: Iterable<ArrayLike<number>>, endOfText: number): Uint16Array {
  const parts = [...documents];
  const packed = new Uint16Array(parts.reduce((sum, part) => sum + part.length + 1, 0));
  let offset = 0;
  for (const part of parts) {
    packed.set(part, offset);
    offset += part.length;
    packed[offset++] = endOfText;
  }
  return packed;
}

const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** Tokens as bytes, u16 little endian whatever the machine; where that is its own order, a view of them. */
export function tokensToBytes(tokens: Uint16Array): Uint8Array {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  const bytes = new Uint8Array(2 * tokens.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < tokens.length; i++) view.setUint16(2 * i, tokens[i]!, true);
  return bytes;
}

/** The same back: a view of the bytes where that is the machine's own order and they lie on an even place. */
export function bytesToTokens(bytes: Uint8Array): Uint16Array {
  const length = bytes.byteLength >> 1;
  if (IS_LITTLE_ENDIAN && bytes.byteOffset % 2 === 0)
    return new Uint16Array(bytes.buffer, bytes.byteOffset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length }, (_, i) => view.getUint16(2 * i, true));
}

/** SHA-256 of the packed stream, hex. */
export function packedDigest(tokens: Uint16Array): string {
  return sha256Hex(tokensToBytes(tokens));
}

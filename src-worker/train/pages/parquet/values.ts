import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { TEXT_MAX_BYTES } from '../limits.ts';

/** What a column chunk lacks, in words; what its bytes make libraries throw is another error. */
export class Fault extends Error {}

/**
 * Numbers in Parquet's mix of runs and bit-packed groups, exactly `count` of them. A run may claim billions, so what is
 * wanted bounds what is written.
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): Uint32Array {
  if (width > 32) throw new Fault('a page has numbers of too many bits');
  const values = new Uint32Array(count);
  let at = 0;
  let seen = 0;
  while (seen < count) {
    const header = readVarInt(bytes, at);
    at = header.next;
    const run = Math.floor(header.value / 2);
    const isPacked = header.value % 2 === 1;
    const wanted = Math.min(count - seen, isPacked ? 8 * run : run);
    const needed = isPacked ? Math.ceil((wanted * width) / 8) : (width + 7) >> 3;
    if (run === 0 || at + needed > bytes.length) throw new Fault('a page ends within its numbers');
    if (isPacked)
      for (let i = 0; i < wanted; i += 1) values[seen + i] = bitsAt(bytes, 8 * at + i * width, width);
    else values.fill(bitsAt(bytes, 8 * at, width), seen, seen + wanted);
    at += isPacked ? run * width : needed;
    seen += wanted;
  }
  return values;
}

function readVarInt(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = from; at < Math.min(bytes.length, from + 5); at += 1) {
    value += (bytes[at]! & 0x7f) * 2 ** (7 * (at - from));
    if (bytes[at]! < 0x80) return { value, next: at + 1 };
  }
  throw new Fault('a page ends within a number');
}

/** Lowest bit first. */
function bitsAt(bytes: Uint8Array, from: number, width: number): number {
  let value = 0;
  for (let bit = 0; bit < width; ) {
    const at = from + bit;
    const taken = Math.min(8 - (at & 7), width - bit);
    value += ((bytes[at >> 3]! >> (at & 7)) & ((1 << taken) - 1)) * 2 ** bit;
    bit += taken;
  }
  return value;
}

/** Texts one after another, each behind its length. */
export function readPlainTexts(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const reader = readerOf(bytes);
  const texts = readPlain(reader, 'BYTE_ARRAY', count, undefined);
  if (reader.offset > bytes.length) throw new Fault('a page ends within its texts');
  return texts as readonly Uint8Array[];
}

/** DELTA_LENGTH_BYTE_ARRAY: all lengths, then all texts. */
export function readDeltaLengths(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const reader = readerOf(bytes);
  return cut(bytes, readDeltas(reader, count), reader);
}

/** DELTA_BYTE_ARRAY: of each text what it has in common with the one before, and the rest. */
export function readDeltaTexts(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  const reader = readerOf(bytes);
  const shared = readDeltas(reader, count);
  const rests = cut(bytes, readDeltas(reader, count), reader);
  let before: Uint8Array = new Uint8Array(0);
  let total = 0;
  return rests.map((rest, i) => {
    const length = shared[i]!;
    if (length < 0 || length > before.length) throw new Fault('a text goes on from more than there is');
    total += length + rest.length;
    if (total > TEXT_MAX_BYTES) throw new Fault('its texts are longer than a page may be');
    before = Buffer.concat([before.subarray(0, length), rest]);
    return before;
  });
}

function cut(
  bytes: Uint8Array,
  lengths: Int32Array,
  reader: { readonly offset: number },
): readonly Uint8Array[] {
  let at = reader.offset;
  return Array.from(lengths, (length) => {
    if (length < 0 || at + length > bytes.length) throw new Fault('a page ends within its texts');
    at += length;
    return bytes.subarray(at - length, at);
  });
}

/** Most values of a block of differences; writers take 128. */
const BLOCK_VALUES_MOST = 65_536;

/** The block's own figures decide how far the library steps, and negative ones would have it step back for ever. */
function readDeltas(reader: ReturnType<typeof readerOf>, count: number): Int32Array {
  const values = new Int32Array(count);
  if (count === 0) return values;
  const { view } = reader;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const block = readVarInt(bytes, reader.offset);
  const parts = readVarInt(bytes, block.next);
  if (
    block.value < 1 ||
    block.value > BLOCK_VALUES_MOST ||
    parts.value < 1 ||
    block.value % parts.value !== 0
  )
    throw new Fault('a page has impossible figures');
  deltaBinaryUnpack(reader, count, values);
  return values;
}

const readerOf = (bytes: Uint8Array) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

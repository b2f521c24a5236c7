import { largestScale, NO_SCALE, ROUNDER, scaleFor, stepOf } from './scales.ts';
import { largestOf, SPARSE_BLOCK } from './top-k.ts';
import type { CodecSettings, ValueCodec } from './value-codec.ts';

/** One value of this many travels. */
const KEPT_SHARE = 64;
/** The two magnitudes of a block are integers of four bits, in steps of its scale. */
const MOST_LEVEL = 15;
const LARGEST_SCALE = largestScale(MOST_LEVEL);
const HEAD_BYTES = 2;
/** Bits of a value's code. */
const HIGH = 1;
const NEGATIVE = 2;
/** Rounds in which the two magnitudes settle; values that are cut in two groups rarely move after that. */
const SETTLING_ROUNDS = 3;

const keptOf = (elements: number): number => Math.ceil(elements / KEPT_SHARE);
const indexBytes = (kept: number): number => Math.ceil((kept * 12) / 8);
const blockBytes = (elements: number): number => {
  const kept = keptOf(elements);
  return HEAD_BYTES + indexBytes(kept) + Math.ceil(kept / 4);
};

/**
 * The largest 64 of each 4,096 values (of a shorter last block one in 64, rounded up), all others 0. A block is a scale
 * byte, a byte with its two magnitudes (low half: the lower one), the kept values' places in rising order, 12 bits each,
 * and 2 bits for each of them: 1 for the higher magnitude, 2 for a negative value. Low bits come first everywhere.
 */
export const sparse: ValueCodec = {
  wire: 4,
  bytes(elements) {
    const rest = elements % SPARSE_BLOCK;
    return Math.floor(elements / SPARSE_BLOCK) * blockBytes(SPARSE_BLOCK) + (rest > 0 ? blockBytes(rest) : 0);
  },
  encode(values, settings) {
    const bytes = new Uint8Array(sparse.bytes(values.length));
    let at = 0;
    for (let from = 0; from < values.length; from += SPARSE_BLOCK) {
      const block = values.subarray(from, from + SPARSE_BLOCK);
      const size = blockBytes(block.length);
      encodeBlock(block, bytes.subarray(at, at + size), settings);
      at += size;
    }
    return bytes;
  },
  decode(bytes, into, settings) {
    if (bytes.length !== sparse.bytes(into.length)) return false;
    into.fill(0);
    let at = 0;
    for (let from = 0; from < into.length; from += SPARSE_BLOCK) {
      const block = into.subarray(from, from + SPARSE_BLOCK);
      const size = blockBytes(block.length);
      if (!decodeBlock(bytes.subarray(at, at + size), block, settings)) return false;
      at += size;
    }
    return true;
  },
};

function encodeBlock(values: Float32Array, bytes: Uint8Array, { unitExponent }: CodecSettings): void {
  const kept = keptOf(values.length);
  const places = largestOf(values, kept);
  if (!places) {
    bytes[0] = NO_SCALE;
    return;
  }
  // Cut off before the two magnitudes are sought, or one infinite value would take both.
  const most = MOST_LEVEL * stepOf(LARGEST_SCALE, unitExponent);
  const magnitudes = Float64Array.from(places, (place) => Math.min(Math.abs(values[place]!), most));
  const { low, high, border } = twoMagnitudes(magnitudes);
  const scale = scaleFor(high, MOST_LEVEL + 0.5, LARGEST_SCALE, unitExponent);
  const level = (magnitude: number) =>
    Math.min(MOST_LEVEL, magnitude / stepOf(scale, unitExponent) + ROUNDER - ROUNDER);
  bytes[0] = scale;
  bytes[1] = level(low) | (level(high) << 4);
  const codesAt = HEAD_BYTES + indexBytes(kept);
  for (const [i, place] of places.entries()) {
    writePlace(bytes, i, place);
    const code = (magnitudes[i]! > border ? HIGH : 0) | (values[place]! < 0 ? NEGATIVE : 0);
    bytes[codesAt + (i >> 2)]! |= code << (2 * (i & 3));
  }
}

function decodeBlock(bytes: Uint8Array, into: Float64Array, { unitExponent }: CodecSettings): boolean {
  const kept = keptOf(into.length);
  const [scale, levels] = [bytes[0]!, bytes[1]!];
  const [low, high] = [levels & 15, levels >> 4];
  if (scale > LARGEST_SCALE || low > high) return false;
  const step = stepOf(scale, unitExponent);
  const steps = [low * step, high * step, -low * step, -high * step];
  const codesAt = HEAD_BYTES + indexBytes(kept);
  if (!isPadded(bytes, kept, codesAt)) return false;
  let before = -1;
  for (let i = 0; i < kept; i++) {
    const place = readPlace(bytes, i);
    if (place <= before || place >= into.length) return false;
    before = place;
    into[place] = steps[(bytes[codesAt + (i >> 2)]! >> (2 * (i & 3))) & 3]!;
  }
  return true;
}

/** Two magnitudes that stand for all: each the mean of those nearer to it (Lloyd's algorithm in one dimension). */
function twoMagnitudes(magnitudes: Float64Array): { low: number; high: number; border: number } {
  let border = meanOf(magnitudes) ?? 0;
  for (let i = 0; ; i++) {
    const low = meanOf(magnitudes.filter((m) => m <= border)) ?? 0;
    const high = meanOf(magnitudes.filter((m) => m > border)) ?? low;
    if (i === SETTLING_ROUNDS || low === high) return { low, high, border };
    border = (low + high) / 2;
  }
}

function meanOf(values: Float64Array): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Places of 12 bits: two in three bytes. */
function writePlace(bytes: Uint8Array, i: number, place: number): void {
  const at = HEAD_BYTES + ((i * 3) >> 1);
  if (i % 2 === 0) {
    bytes[at] = place & 255;
    bytes[at + 1] = place >> 8;
  } else {
    bytes[at]! |= (place & 15) << 4;
    bytes[at + 1] = place >> 4;
  }
}

function readPlace(bytes: Uint8Array, i: number): number {
  const at = HEAD_BYTES + ((i * 3) >> 1);
  const pair = bytes[at]! | (bytes[at + 1]! << 8);
  return i % 2 === 0 ? pair & 4_095 : pair >> 4;
}

/** Bits behind the last place and the last code are 0. */
function isPadded(bytes: Uint8Array, kept: number, codesAt: number): boolean {
  const placesFine = kept % 2 === 0 || bytes[codesAt - 1]! < 16;
  const codesInLast = kept % 4;
  return placesFine && (codesInLast === 0 || bytes[bytes.length - 1]! >> (2 * codesInLast) === 0);
}

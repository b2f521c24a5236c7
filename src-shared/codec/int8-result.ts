import { INT8_BLOCK, INT8_LARGEST_SCALE, INT8_MOST, int8, int8Of, int8Scale } from './int8.ts';
import { largestIn, stepOf } from './scales.ts';
import type { CodecSettings, ResultCodec } from './value-codec.ts';

/** Values of which one bit says whether all are 0. */
const GROUP = 4_096;
/** Added to the scale of a block that names its values other than 0 by a bitmap. */
const MOSTLY_ZERO = 64;

const groupsOf = (elements: number): number => Math.ceil(elements / GROUP);
const bitmapBytes = (elements: number): number => Math.ceil(elements / 8);
/** Whether a bitmap and the values other than 0 are fewer bytes than all values. */
const isMostlyZero = (elements: number, others: number): boolean => bitmapBytes(elements) + others < elements;

/**
 * The mean as int8. First a bit for each group of 4,096 values: 0 where all of them are 0, and nothing more is said of
 * it. Of the others the blocks of 256 follow: a scale byte with a signed byte a value; or, where that is shorter, the
 * scale byte plus 64, a bitmap of the values other than 0, and those. Bits are counted from the lowest.
 */
export const int8Result: ResultCodec = {
  wire: int8.wire,
  maxBytes: (elements) => bitmapBytes(groupsOf(elements)) + int8.bytes(elements),
  encode(sum, divisor, settings) {
    const bytes = new Uint8Array(int8Result.maxBytes(sum.length));
    const mean = sum.map((value) => value / divisor);
    let at = bitmapBytes(groupsOf(sum.length));
    for (let group = 0; group < groupsOf(sum.length); group++) {
      const values = mean.subarray(group * GROUP, (group + 1) * GROUP);
      const end = encodeGroup(values, bytes, at, settings);
      if (end === at) continue;
      bytes[group >> 3]! |= 1 << (group & 7);
      at = end;
    }
    return bytes.slice(0, at);
  },
  decode(bytes, into, settings) {
    const groups = groupsOf(into.length);
    let at = bitmapBytes(groups);
    if (bytes.length < at || hasBitsBehind(bytes.subarray(0, at), groups)) return false;
    into.fill(0);
    for (let group = 0; group < groups; group++) {
      if ((bytes[group >> 3]! & (1 << (group & 7))) === 0) continue;
      const values = into.subarray(group * GROUP, (group + 1) * GROUP);
      const end = decodeGroup(bytes, at, values, settings);
      if (end === null) return false;
      at = end;
    }
    return at === bytes.length;
  },
};

/** @returns where the next group begins; `at` itself where all values round to 0 */
function encodeGroup(values: Float64Array, bytes: Uint8Array, at: number, settings: CodecSettings): number {
  let next = at;
  let isZero = true;
  for (let from = 0; from < values.length; from += INT8_BLOCK) {
    const rounded = roundBlock(values.subarray(from, from + INT8_BLOCK), settings);
    isZero &&= rounded.others === 0;
    next = writeBlock(rounded, bytes, next);
  }
  if (isZero) bytes.fill(0, at, next);
  return isZero ? at : next;
}

interface Rounded {
  readonly scale: number;
  readonly integers: Int8Array;
  /** How many are not 0. */
  readonly others: number;
}

function roundBlock(values: Float64Array, { unitExponent }: CodecSettings): Rounded {
  const scale = int8Scale(largestIn(values, 0, values.length), unitExponent);
  const perStep = 1 / stepOf(scale, unitExponent);
  const integers = new Int8Array(values.length);
  let others = 0;
  for (let i = 0; i < values.length; i++) {
    integers[i] = int8Of(values[i]! * perStep);
    if (integers[i] !== 0) others++;
  }
  return { scale, integers, others };
}

function writeBlock({ scale, integers, others }: Rounded, bytes: Uint8Array, at: number): number {
  if (!isMostlyZero(integers.length, others)) {
    bytes[at] = scale;
    bytes.set(new Uint8Array(integers.buffer), at + 1);
    return at + 1 + integers.length;
  }
  bytes[at] = scale + MOSTLY_ZERO;
  let next = at + 1 + bitmapBytes(integers.length);
  for (let i = 0; i < integers.length; i++) {
    if (integers[i] === 0) continue;
    bytes[at + 1 + (i >> 3)]! |= 1 << (i & 7);
    bytes[next++] = integers[i]!;
  }
  return next;
}

/** @returns where the next group begins, or null for bytes that no encoder writes */
function decodeGroup(
  bytes: Uint8Array,
  at: number,
  into: Float64Array,
  settings: CodecSettings,
): number | null {
  let next: number | null = at;
  let isZero = true;
  for (let from = 0; from < into.length; from += INT8_BLOCK) {
    const block = into.subarray(from, from + INT8_BLOCK);
    next = readBlock(bytes, next, block, settings);
    if (next === null) return null;
    isZero &&= block.every((value) => value === 0);
  }
  return isZero ? null : next;
}

function readBlock(
  bytes: Uint8Array,
  at: number,
  into: Float64Array,
  { unitExponent }: CodecSettings,
): number | null {
  const head = bytes[at] ?? Number.NaN;
  const hasBitmap = head >= MOSTLY_ZERO;
  const scale = hasBitmap ? head - MOSTLY_ZERO : head;
  // Written so that a byte that is not there fails it.
  if (!(scale <= INT8_LARGEST_SCALE)) return null;
  const step = stepOf(scale, unitExponent);
  return hasBitmap ? readOthers(bytes, at + 1, into, step) : readAll(bytes, at + 1, into, step);
}

function readAll(bytes: Uint8Array, at: number, into: Float64Array, step: number): number | null {
  if (at + into.length > bytes.length) return null;
  let others = 0;
  for (let i = 0; i < into.length; i++) {
    const integer = signed(bytes[at + i]!);
    if (integer < -INT8_MOST) return null;
    if (integer !== 0) others++;
    into[i] = integer * step;
  }
  return isMostlyZero(into.length, others) ? null : at + into.length;
}

function readOthers(bytes: Uint8Array, at: number, into: Float64Array, step: number): number | null {
  let next = at + bitmapBytes(into.length);
  if (next > bytes.length || hasBitsBehind(bytes.subarray(at, next), into.length)) return null;
  let others = 0;
  for (let i = 0; i < into.length; i++) {
    if ((bytes[at + (i >> 3)]! & (1 << (i & 7))) === 0) continue;
    const integer = signed(bytes[next++] ?? 0);
    if (integer === 0 || integer < -INT8_MOST) return null;
    others++;
    into[i] = integer * step;
  }
  return next <= bytes.length && isMostlyZero(into.length, others) ? next : null;
}

const signed = (byte: number): number => (byte << 24) >> 24;

/** Whether bits are set behind the last one that means something. */
const hasBitsBehind = (bitmap: Uint8Array, bits: number): boolean =>
  bits % 8 !== 0 && bitmap[bitmap.length - 1]! >> (bits % 8) !== 0;

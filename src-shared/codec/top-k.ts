/** Values among which the largest are chosen: what a place of 12 bits can name. */
export const SPARSE_BLOCK = 4_096;

/** Exponent and three bits of the mantissa: a bucket holds magnitudes within an eighth of each other. */
const BUCKET_SHIFT = 20;
const BUCKETS = 2 ** (31 - BUCKET_SHIFT);
const MAGNITUDE_BITS = 0x7fff_ffff;
/** Greater bits of a float32 stand for no number. */
const INFINITY_BITS = 0x7f80_0000;

const counts = new Uint16Array(BUCKETS);

/**
 * The places of the `kept` largest magnitudes, rising; of equals the first. Bits of a float32 without its sign rise with
 * its magnitude, so everything is counted and compared as integers.
 * @param values at most 4,096
 * @returns null when one of them is a NaN
 */
export function largestOf(values: Float32Array, kept: number): Uint16Array | null {
  const bits = new Uint32Array(values.length);
  bits.set(new Uint32Array(values.buffer, values.byteOffset, values.length));
  if (!countBuckets(bits)) return null;
  const { bucket, wanted } = lastBucket(kept);
  const border = borderWithin(bits, bucket, wanted);
  return collect(bits, kept, border);
}

function countBuckets(bits: Uint32Array): boolean {
  counts.fill(0);
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]! & MAGNITUDE_BITS;
    if (magnitude > INFINITY_BITS) return false;
    bits[i] = magnitude;
    counts[magnitude >>> BUCKET_SHIFT]!++;
  }
  return true;
}

/** The bucket in which the last kept value lies, and how many of it are kept. */
function lastBucket(kept: number): { readonly bucket: number; readonly wanted: number } {
  let wanted = kept;
  let bucket = BUCKETS - 1;
  while (bucket > 0 && counts[bucket]! < wanted) wanted -= counts[bucket--]!;
  return { bucket, wanted };
}

interface Border {
  /** Bits of the smallest magnitude that is kept. */
  readonly least: number;
  /** How many with these very bits are kept. */
  readonly ofLeast: number;
}

function borderWithin(bits: Uint32Array, bucket: number, wanted: number): Border {
  const within = bits.filter((magnitude) => magnitude >>> BUCKET_SHIFT === bucket).sort();
  const least = within[within.length - wanted]!;
  let ofLeast = 0;
  for (let i = within.length - wanted; i < within.length && within[i] === least; i++) ofLeast++;
  return { least, ofLeast };
}

function collect(bits: Uint32Array, kept: number, { least, ofLeast }: Border): Uint16Array {
  const places = new Uint16Array(kept);
  let equals = ofLeast;
  let found = 0;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i]!;
    if (magnitude < least || (magnitude === least && equals-- <= 0)) continue;
    places[found++] = i;
  }
  return places;
}

import { largestIn, largestScale, NO_SCALE, ROUNDER, scaleFor, stepOf } from './scales.ts';
import type { ValueCodec } from './value-codec.ts';

/** Values that share a scale. */
export const INT8_BLOCK = 256;
/** Integers are -127..127: no value has two forms, and none is without its negative. */
export const INT8_MOST = 127;
export const INT8_LARGEST_SCALE = largestScale(INT8_MOST);

const blocksOf = (elements: number): number => Math.ceil(elements / INT8_BLOCK);

/** The scale of a block: the finest one that its largest value fits. */
export const int8Scale = (largest: number, unitExponent: number): number =>
  scaleFor(largest, INT8_MOST + 0.5, INT8_LARGEST_SCALE, unitExponent);

/** An integer of so many steps, halves to even, saturating. */
export function int8Of(steps: number): number {
  const rounded = steps + ROUNDER - ROUNDER;
  return rounded > INT8_MOST ? INT8_MOST : rounded < -INT8_MOST ? -INT8_MOST : rounded;
}

/** int8 in blocks of 256: the scale bytes of all blocks, then a signed byte a value. */
export const int8: ValueCodec = {
  wire: 2,
  bytes: (elements) => blocksOf(elements) + elements,
  encode(values, { unitExponent }) {
    const blocks = blocksOf(values.length);
    const bytes = new Uint8Array(blocks + values.length);
    const integers = new Int8Array(bytes.buffer, blocks);
    for (let block = 0; block < blocks; block++) {
      const from = block * INT8_BLOCK;
      const to = Math.min(from + INT8_BLOCK, values.length);
      const scale = int8Scale(largestIn(values, from, to), unitExponent);
      bytes[block] = scale;
      if (scale === NO_SCALE) continue;
      const perStep = 1 / stepOf(scale, unitExponent);
      for (let i = from; i < to; i++) integers[i] = int8Of(values[i]! * perStep);
    }
    return bytes;
  },
  decode(bytes, into, { unitExponent }) {
    const blocks = blocksOf(into.length);
    if (bytes.length !== blocks + into.length) return false;
    const integers = new Int8Array(bytes.buffer, bytes.byteOffset + blocks, into.length);
    let least = 0;
    for (let block = 0; block < blocks; block++) {
      const scale = bytes[block]!;
      if (scale > INT8_LARGEST_SCALE) return false;
      const step = stepOf(scale, unitExponent);
      const to = Math.min((block + 1) * INT8_BLOCK, into.length);
      for (let i = block * INT8_BLOCK; i < to; i++) {
        const integer = integers[i]!;
        if (integer < least) least = integer;
        into[i] = integer * step;
      }
    }
    return least >= -INT8_MOST;
  },
};

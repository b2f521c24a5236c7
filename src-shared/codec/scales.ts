/**
 * Scales of blocks: byte s stands for the step 2^(s-u), u being the profile's unitExponent. Steps are powers of two and
 * no smaller than the unit, so every integer times its step is an exact multiple of the unit.
 */

/** A block with a NaN: no step is meant, and every receiver refuses it. */
export const NO_SCALE = 255;

/** The largest s for which `most` steps stay below 2^34 units. */
export function largestScale(most: number): number {
  let scale = 34;
  while (most * 2 ** scale >= 2 ** 34) scale--;
  return scale;
}

/** The step of a scale in units of the values. */
export const stepOf = (scale: number, unitExponent: number): number => 2 ** (scale - unitExponent);

/**
 * The smallest scale at which a magnitude is below `limit` steps; the largest one there is where none suffices.
 * Compares products with powers of two only, so it is the same everywhere.
 * @param magnitude not negative; NaN gives NO_SCALE
 */
export function scaleFor(magnitude: number, limit: number, largest: number, unitExponent: number): number {
  if (Number.isNaN(magnitude)) return NO_SCALE;
  let scale = 0;
  let bound = limit * stepOf(0, unitExponent);
  while (scale < largest && magnitude >= bound) {
    scale++;
    bound *= 2;
  }
  return scale;
}

/** The largest magnitude in [from, to); NaN where one of them is none. */
export function largestIn(values: Float32Array | Float64Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const magnitude = Math.abs(values[i]!);
    if (magnitude > largest) largest = magnitude;
    else if (Number.isNaN(magnitude)) return Number.NaN;
  }
  return largest;
}

/** Added and taken away again it rounds a float64 below 2^51 to the nearest integer, halves to even. */
export const ROUNDER = 1.5 * 2 ** 52;

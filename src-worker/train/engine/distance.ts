/**
 * Largest difference of two vectors over the largest value expected: what two right engines keep small. NaN where one
 * number of either is none, or where nothing but zeros was expected, so that every comparison with a bound fails.
 */
export function distance(found: Float32Array, expected: Float32Array): number {
  let apart = 0;
  let size = 0;
  // Math.max keeps a NaN that it has seen; a comparison would forget it with the next number.
  for (let i = 0; i < found.length; i += 1) {
    apart = Math.max(apart, Math.abs(found[i]! - expected[i]!));
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return size > 0 || Number.isNaN(size) ? apart / size : Number.NaN;
}

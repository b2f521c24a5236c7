import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int8Result } from '../../../src-shared/codec/int8-result.ts';
import { runs } from '../../runs.ts';
import { changed, changes, isExact, lengths, numbers, settings, UNIT } from './drawn.ts';
import { refusedResults } from './refused.ts';

const GROUP = 4_096;
const encoded = (sum: Float64Array, divisor = 1) => int8Result.encode(sum, divisor, settings);
function decoded(bytes: Uint8Array, length: number): Float64Array | null {
  // What stood there before must not shine through.
  const values = new Float64Array(length).fill(1);
  return int8Result.decode(bytes, values, settings) ? values : null;
}

/** Values of which most are 0, as a mean of sparse contributions is. */
const scattered = (seed: number, length: number, every: number) =>
  Float64Array.from(numbers(seed, length, 2), (value, i) => (i % every === 0 ? value : 0));

describe('a mean in int8', () => {
  it('is within half a step of the mean, and fits its room', () => {
    fc.assert(
      fc.property(lengths, fc.integer(), fc.integer({ min: 1, max: 300 }), (length, seed, every) => {
        const sum = scattered(seed, length, every);
        const bytes = encoded(sum, 3);
        const back = decoded(bytes, length)!;
        const isNear = back.every((value, i) => {
          const from = i - (i % 256);
          const largest = Math.max(...sum.subarray(from, from + 256).map(Math.abs)) / 3;
          return Math.abs(value - sum[i]! / 3) <= largest / 127 + UNIT;
        });
        return isExact(back) && isNear && bytes.length <= int8Result.maxBytes(length);
      }),
      { numRuns: runs(150, 5_000) },
    );
  });

  it('costs one bit for a group of 4,096 zeros', () => {
    expect(encoded(new Float64Array(16 * GROUP))).toEqual(new Uint8Array(2));
    const one = new Float64Array(16 * GROUP);
    one[5 * GROUP] = 1;
    // The bit, 16 scales with their bitmaps, and the value.
    expect(encoded(one).length).toBe(2 + 16 * 33 + 1);
    expect(decoded(encoded(one), one.length)).toEqual(one);
  });

  it('names few values other than 0 by a bitmap, where that is shorter', () => {
    const few = Float64Array.from({ length: 256 }, (_, i) => (i < 223 ? 1 : 0));
    expect(encoded(few).length).toBe(1 + 1 + 32 + 223);
    const many = Float64Array.from({ length: 256 }, (_, i) => (i < 224 ? 1 : 0));
    expect(encoded(many).length).toBe(1 + 1 + 256);
    expect(decoded(encoded(few), 256)).toEqual(few);
    expect(decoded(encoded(many), 256)).toEqual(many);
  });

  it('rounds the quotient once, halves to even', () => {
    const step = 2 ** -6;
    const sum = Float64Array.of(1, 2.5 * step, 3.5 * step, -2.5 * step).map((value) => value * 7);
    expect([...decoded(encoded(sum, 7), 4)!]).toEqual([1, 2 * step, 4 * step, -2 * step]);
  });

  it('makes of changed bytes values with exact sums, or nothing', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.nat(7),
        fc.constantFrom(1, 3, 200),
        fc.array(changes, { minLength: 1, maxLength: 4 }),
        (length, seed, every, list) => {
          const bytes = changed(encoded(scattered(seed, length, every)), list);
          const back = decoded(bytes, length);
          return back === null || isExact(back);
        },
      ),
      { numRuns: runs(2_000, 200_000) },
    );
  });

  it.each(refusedResults)('is refused with %s', (_what, bytes, length) => {
    expect(decoded(bytes, length)).toBeNull();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeResult,
  decodeValues,
  encodeF32,
  encodeFp16,
  magnitudeLimit,
} from '../../../src-shared/reduce/fp16.ts';

const settings = { fp16Shift: 8, unitExponent: 32 };
const numRuns = process.env.BUTTERFLY_LONG ? 2_000 : 200;

describe('fp16 codec', () => {
  it('decodes every encoded value to an integer multiple of the unit, below the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 64 }), (values) => {
        const decoded = decodeValues('fp16', encodeFp16(values, settings), settings);
        return (
          decoded?.every((x) => Number.isInteger(x * 2 ** 32) && Math.abs(x) < magnitudeLimit(settings)) ??
          false
        );
      }),
      { numRuns, seed: 1 },
    );
  });

  it('keeps values of pseudo-gradient size within half of an fp16 step', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 3.9, noNaN: true }), (x) => {
        const [back] = decodeResult(encodeFp16([x, -x], settings), settings);
        return Math.abs(back! - x) <= x * 2 ** -11;
      }),
      { numRuns, seed: 2 },
    );
  });

  it('saturates what is too large instead of sending infinity', () => {
    const decoded = decodeResult(encodeFp16([1e30, -1e30, 4, Number.POSITIVE_INFINITY], settings), settings);
    const largest = 1023.5 / 256;
    expect([...decoded]).toEqual([largest, -largest, largest, largest]);
  });

  it.each([
    ['not a number', Number.NaN],
    ['infinite', Number.POSITIVE_INFINITY],
    ['at the limit', 1024],
  ])('refuses a chunk with a value that is %s', (_what, scaled) => {
    const bytes = new Uint8Array(Float16Array.of(1, scaled, 2).buffer);
    expect(decodeValues('fp16', bytes, settings)).toBeNull();
  });

  it('reads values from bytes that start at an odd offset', () => {
    const bytes = encodeFp16([0.5, -0.25], settings);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect([...decodeResult(shifted.subarray(1), settings)]).toEqual([0.5, -0.25]);
  });

  it('refuses f32 values that are not finite', () => {
    expect(decodeValues('f32', encodeF32([1, Number.NaN]), settings)).toBeNull();
    expect([...decodeValues('f32', encodeF32([1, -2]), settings)!]).toEqual([1, -2]);
  });
});

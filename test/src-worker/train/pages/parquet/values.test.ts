import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readDeltaLengths,
  readDeltaTexts,
  readHybrid,
} from '../../../../../src-worker/train/pages/parquet/values.ts';
import { runs } from '../../../../runs.ts';

describe('numbers of a page', () => {
  it('are no more than are wanted, however long a run claims to be', () => {
    const billions = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 1);
    expect([...readHybrid(billions, 1, 5)]).toEqual([1, 1, 1, 1, 1]);
    const packed = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0b10101);
    expect([...readHybrid(packed, 1, 5)]).toEqual([1, 0, 1, 0, 1]);
  });

  it.each([
    ['nothing', []],
    ['a run of none', [0x00, 1]],
    ['a group of none', [0x01, 1]],
    ['a length without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a group that is cut off', [0x03]],
  ])('of %s are an error', (_what, bytes) => {
    expect(() => readHybrid(Uint8Array.from(bytes), 1, 3)).toThrow();
  });

  it('come back as they were written, of every width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
        (width, raw) => {
          const values = raw.map((value) => value % 2 ** width);
          expect([...readHybrid(packedGroups(values, width), width, values.length)]).toEqual(values);
        },
      ),
      { numRuns: runs(300) },
    );
  });
});

describe('differences of a page', () => {
  it.each([
    ['parts of a negative number', [0x80, 0x01, 0xfb, 0xff, 0xff, 0xff, 0x0f, 1, 0]],
    ['no parts', [0x80, 0x01, 0, 1, 0]],
    ['a block of nothing', [0, 4, 1, 0]],
    ['a block of billions', [0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1, 0]],
  ])('in %s are an error', (_what, bytes) => {
    for (const read of [readDeltaLengths, readDeltaTexts])
      expect(() => read(Uint8Array.from([...bytes, ...Array(40).fill(0)]), 9)).toThrow();
  });
});

/** Groups of eight, bit by bit. */
function packedGroups(values: readonly number[], width: number): Uint8Array {
  const groups = Math.ceil(values.length / 8);
  const bytes = new Uint8Array(1 + groups * width);
  bytes[0] = (groups << 1) | 1;
  for (const [i, value] of values.entries())
    for (let bit = 0; bit < width; bit += 1) {
      const at = i * width + bit;
      if (Math.floor(value / 2 ** bit) % 2 === 1) bytes[1 + (at >> 3)]! |= 1 << (at & 7);
    }
  return bytes;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fp16, fp16Result } from '../../../src-shared/codec/fp16.ts';
import {
  contributorsFromHex,
  contributorsToHex,
  membersOf,
  noContributors,
  weightOf,
  withMember,
} from '../../../src-shared/reduce/bitmap.ts';
import { ChunkSum } from '../../../src-shared/reduce/sum.ts';
import { runs } from '../../runs.ts';

const settings = { fp16Shift: 8, unitExponent: 32 };
const numRuns = runs(30, 300);
const UNIT = 2 ** 38;

const member = fc.record({
  // Raw fp16 patterns reach every exponent, which draws of numbers do not.
  values: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  weight: fc.integer({ min: 1, max: 127 }),
  clip: fc.integer({ min: 0, max: 6 }),
});

function decoded(bytes: Uint8Array): Float64Array | null {
  const values = new Float64Array(bytes.length / 2);
  return fp16.decode(bytes, values, settings) ? values : null;
}
const sent = (values: readonly number[]): Float64Array =>
  decoded(fp16.encode(Float32Array.from(values), settings))!;
const resultOf = (sum: ChunkSum): Uint8Array =>
  sum.result((exact, divisor) => fp16Result.encode(exact, divisor, settings));
const meanOf = (sum: ChunkSum): number[] => [...decoded(resultOf(sum))!];

describe('chunk sums', () => {
  it('are exact and do not depend on the order of 64 peers', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 64, maxLength: 64 }), fc.integer(), (drawn, seed) => {
        const members = drawn.flatMap(({ values, weight, clip }) => {
          const own = decoded(values);
          return own ? [{ own, weight, clip }] : [];
        });
        fc.pre(members.length > 1);
        const inOrder = new ChunkSum(8);
        const shuffled = new ChunkSum(8);
        for (const m of members) inOrder.add(m.own, m.weight, m.clip);
        const key = (i: number) => Math.imul(i + 1, seed | 1) >>> 0;
        const order = members.map((m, i) => ({ m, at: key(i) })).sort((a, b) => a.at - b.at);
        for (const { m } of order) shuffled.add(m.own, m.weight, m.clip);
        expect(resultOf(shuffled)).toEqual(resultOf(inOrder));

        const exact = Array.from({ length: 8 }, (_, i) =>
          members.reduce((sum, m) => sum + BigInt(m.own[i]! * 2 ** (38 - m.clip)) * BigInt(m.weight), 0n),
        );
        const expected = exact.map(
          (sum) => Math.f16round((Number(sum) / UNIT / inOrder.divisor) * 256) / 256,
        );
        expect(meanOf(inOrder)).toEqual(expected);
      }),
      { numRuns },
    );
  });

  it('give the weighted mean of the worked round', () => {
    const sum = new ChunkSum(6);
    for (const [peer, weight] of [1, 1, 2].entries()) {
      const values = Array.from({ length: 6 }, (_, i) => (10 * peer + i) / 16);
      sum.add(sent(values), weight, 0);
    }
    const mean = meanOf(sum).map((x) => x * 16);
    expect(mean).toEqual([12.5, 13.5, 14.5, 15.5, 16.5, 17.5]);
  });

  it('give the mean of the others when one sender of the worked round is silent', () => {
    const sum = new ChunkSum(6);
    for (const peer of [0, 1])
      sum.add(
        Float64Array.from({ length: 6 }, (_, i) => (10 * peer + i) / 16),
        1,
        0,
      );
    expect(meanOf(sum).map((x) => x * 16)).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('round once: some means differ from those rounded by way of float32', () => {
    // Just above the middle between two fp16 values, by less than float32 can tell.
    const sum = new ChunkSum(1);
    const middle = (1 + 2 ** -11) / 256;
    sum.add(Float64Array.of(middle + 2 ** -38), 1, 0);
    const [once] = meanOf(sum);
    expect(once).toBe((1 + 2 ** -10) / 256);
    expect(Math.f16round(Math.fround(256 * (middle + 2 ** -38)))).toBe(1);
  });

  it('clip by a power of two without touching the divisor', () => {
    const sum = new ChunkSum(1);
    sum.add(Float64Array.of(1), 2, 0);
    sum.add(Float64Array.of(2), 2, 2);
    expect(sum.divisor).toBe(4);
    expect(meanOf(sum)).toEqual([0.75]);
  });
});

describe('contributor bitmaps', () => {
  it('survive the way through sixteen hex digits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 63 })), (indexes) => {
        const set = indexes.reduce(withMember, noContributors);
        const back = membersOf(contributorsFromHex(contributorsToHex(set)));
        return JSON.stringify(back) === JSON.stringify(indexes.toSorted((a, b) => a - b));
      }),
      { numRuns },
    );
  });

  it('name the divisor of a chunk', () => {
    expect(weightOf(0b101n, [3, 5, 7])).toBe(10);
  });
});

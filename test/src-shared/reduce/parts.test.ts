import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bandwidth,
  partsCover,
  shareScores,
  splitParts,
  splitUnits,
} from '../../../src-shared/reduce/parts.ts';

const numRuns = process.env.BUTTERFLY_LONG ? 2_000 : 200;

function shares(bandwidths: Bandwidth[]): number[] {
  const scores = shareScores(bandwidths);
  const total = Number(scores.reduce((a, c) => a + c, 0n));
  return scores.map((score) => Number(score) / total);
}

describe('load split', () => {
  it.each<[Bandwidth[], number[]]>([
    [
      [100, 50, 25],
      [0.5, 0.5, 0],
    ],
    [
      [200, 100, 100, 50, null],
      [0.6, 0.2, 0.2, 0, 0],
    ],
    [
      [300, 200, 200, 200, 100],
      [0.4, 0.2, 0.2, 0.2, 0],
    ],
    [
      [1000, 10, 10, 10],
      [1, 0, 0, 0],
    ],
    [
      [70, 70, 70, 70],
      [0.25, 0.25, 0.25, 0.25],
    ],
    [
      [300, 100],
      [0.75, 0.25],
    ],
  ])('gives the closed-form shares for %j', (bandwidths, expected) => {
    expect(shares(bandwidths)).toEqual(expected);
  });

  it.each<[number, number[], number[]]>([
    [7, [1, 1, 1], [3, 2, 2]],
    [1000, [1, 1, 1], [334, 333, 333]],
    [10, [6, 2, 2, 0], [6, 2, 2, 0]],
  ])('splits %i units over scores %j', (units, scores, expected) => {
    expect(splitUnits(units, scores.map(BigInt))).toEqual(expected);
  });

  it('takes an unknown bandwidth as the mean of the known ones', () => {
    expect(shares([100, 0, 100])).toEqual(shares([100, 100, 100]));
    expect(shares([0, 0, 0, 0])).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('gives nothing to a member that reduces nothing', () => {
    expect(shares([null, 0, 0]).at(0)).toBe(0);
    expect(() => shareScores([null, null])).toThrow(RangeError);
  });

  it('agrees with bisection wherever no share is at its cap', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 900, max: 1100 }), { minLength: 3, maxLength: 12 }), (b) => {
        const cap = (xi: number) =>
          b.map((rate) => Math.min(1, Math.max(0, (xi * rate - 1) / (b.length - 2))));
        const sum = (values: number[]) => values.reduce((a, c) => a + c, 0);
        let low = 1 / Math.min(...b);
        if (sum(cap(low)) >= 1) return true;
        let high = low * b.length;
        for (let i = 0; i < 200; i++) {
          const middle = (low + high) / 2;
          if (sum(cap(middle)) < 1) low = middle;
          else high = middle;
        }
        return shares(b).every((share, i) => Math.abs(share - cap(high)[i]!) < 1e-9);
      }),
      { numRuns, seed: 3 },
    );
  });

  it('always covers the whole grid once, whatever the bandwidths', () => {
    const rate = fc.option(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { nil: null });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.array(rate, { minLength: 1, maxLength: 63 }),
        (chunks, some) => {
          const parts = splitParts(chunks, [1_000_000, ...some]);
          return partsCover(chunks, parts) && parts.every((part) => part.chunkCount >= 0);
        },
      ),
      { numRuns, seed: 4 },
    );
  });

  it('sees parts that overlap or leave a gap', () => {
    expect(
      partsCover(4, [
        { firstChunk: 0, chunkCount: 2 },
        { firstChunk: 1, chunkCount: 2 },
      ]),
    ).toBe(false);
    expect(partsCover(4, [{ firstChunk: 0, chunkCount: 3 }])).toBe(false);
  });
});

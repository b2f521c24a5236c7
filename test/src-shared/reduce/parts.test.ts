import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Bandwidth,
  mostChunks,
  partsCover,
  splitParts,
  splitUnits,
} from '../../../src-shared/reduce/parts.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(200, 2_000);

/** So many units that a share is a number. */
const UNITS = 2 ** 40;
const shares = (bandwidths: Bandwidth[], mostShare = 1): number[] =>
  splitParts(UNITS, bandwidths, UNITS * mostShare).map(({ chunkCount }) => chunkCount / UNITS);
const counts = (chunks: number, bandwidths: Bandwidth[], most: number) =>
  splitParts(chunks, bandwidths, most).map(({ chunkCount }) => chunkCount);

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
    for (const [i, share] of shares(bandwidths).entries()) expect(share).toBeCloseTo(expected[i]!, 9);
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
    expect(() => splitParts(9, [null, null])).toThrow(RangeError);
  });

  it('agrees with bisection of the linear program, capped or not', () => {
    const rates = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(rates, fc.double({ min: 0.01, max: 1, noNaN: true }), (b, some) => {
        const most = Math.ceil(UNITS * Math.max(some, 1 / b.length)) / UNITS;
        const within = (xi: number) =>
          b.map((rate) => Math.min(most, Math.max(0, (xi * rate - 1) / (b.length - 2))));
        const sum = (values: number[]) => values.reduce((a, c) => a + c, 0);
        let low = 1 / Math.min(...b);
        const given = shares(b, most);
        // What lo allows is scaled down: nobody is asked for more than the slowest member takes anyhow.
        if (sum(within(low)) >= 1) return given.every((share, i) => share <= within(low)[i]! + 1e-9);
        let high = 1e6;
        for (let i = 0; i < 200; i++) {
          const middle = (low + high) / 2;
          if (sum(within(middle)) < 1) low = middle;
          else high = middle;
        }
        return given.every((share, i) => Math.abs(share - within(high)[i]!) < 1e-6);
      }),
      { numRuns },
    );
  });

  it('lets no fast member have more than the cap, and the others have the rest', () => {
    const one = [125_000_000, ...Array(7).fill(1_250_000)];
    expect(counts(1_900, one, 1_900)[0]).toBe(1_900);
    const most = mostChunks(1_900, 8, 0.9);
    expect(most).toBe(475);
    const capped = counts(1_900, one, most);
    expect(capped[0]).toBe(475);
    expect(Math.max(...capped.slice(1)) - Math.min(...capped.slice(1))).toBeLessThanOrEqual(1);
  });

  it('leaves a round of 64 its commit share whichever reducer is lost', () => {
    const rates = [...Array(4).fill(500), ...Array(28).fill(10), ...Array(32).fill(50)];
    expect(counts(1_900, rates, 1_900)[0]! / 1_900).toBeGreaterThan(0.1);
    const most = mostChunks(1_900, 64, 0.9);
    expect(1 - Math.max(...counts(1_900, rates, most)) / 1_900).toBeGreaterThan(0.9);
  });

  it('gives a small group room for all chunks, however few there are', () => {
    for (const reducers of [1, 2, 3, 5, 64])
      for (const chunks of [1, 2, 3, 7, 20, 1_900])
        expect(mostChunks(chunks, reducers, 0.9) * reducers).toBeGreaterThanOrEqual(chunks);
  });

  it('always covers the whole grid once, whatever the bandwidths', () => {
    const rate = fc.option(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { nil: null });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.array(rate, { minLength: 1, maxLength: 63 }),
        (chunks, some) => {
          const bandwidths = [1_000_000, ...some];
          const reducers = bandwidths.filter((one) => one !== null).length;
          const most = mostChunks(chunks, reducers, 0.9);
          const parts = splitParts(chunks, bandwidths, most);
          return (
            partsCover(chunks, parts) &&
            parts.every(({ chunkCount }) => chunkCount >= 0 && chunkCount <= most)
          );
        },
      ),
      { numRuns },
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

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkGrid, chunkLength, chunkStart } from '../../../src-shared/reduce/chunks.ts';
import { clipExponent, clipMembers, median, withinNorm } from '../../../src-shared/reduce/norms.ts';
import { outerStep } from '../../../src-shared/reduce/outer-step.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(100, 1_000);

describe('outer step', () => {
  it('follows the worked example of Nesterov momentum', () => {
    const base = Float32Array.of(1);
    const momentum = Float32Array.of(0);
    const seen = [0.1, 0.1, -0.05].map((g) => {
      outerStep(base, momentum, Float64Array.of(g), { lr: 0.8, momentum: 0.9 });
      return base[0]!;
    });
    for (const [i, value] of [0.848, 0.6312, 0.58408].entries()) expect(seen[i]).toBeCloseTo(value, 6);
  });

  it('is plain averaging at rate 1 without momentum', () => {
    const base = Float32Array.of(1, 2);
    outerStep(base, new Float32Array(2), Float64Array.of(0.25, -0.5), { lr: 1, momentum: 0 });
    expect([...base]).toEqual([0.75, 2.5]);
  });

  it('rounds base and momentum once, from float64', () => {
    fc.assert(
      fc.property(
        fc.float({ min: -2, max: 2, noNaN: true }),
        fc.float({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -4, max: 4, noNaN: true }),
        (b, m, g) => {
          const base = Float32Array.of(b);
          const momentum = Float32Array.of(m);
          outerStep(base, momentum, Float64Array.of(g), { lr: 0.7, momentum: 0.8 });
          const exactMomentum = 0.8 * m + g;
          expect(momentum[0]).toBe(Math.fround(exactMomentum));
          expect(base[0]).toBe(Math.fround(b - 0.7 * (0.8 * exactMomentum + g)));
        },
      ),
      { numRuns },
    );
  });

  it('takes elements without a result as average 0', () => {
    const run = (average: Float64Array | null) => {
      const base = Float32Array.of(1, -1);
      const momentum = Float32Array.of(0.5, 0.25);
      outerStep(base, momentum, average, { lr: 0.7, momentum: 0.8 });
      return [...base, ...momentum];
    };
    expect(run(null)).toEqual(run(new Float64Array(2)));
  });
});

describe('norms', () => {
  it('take the median of either parity', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it.each([
    [1, 0],
    [2, 0],
    [2.01, 1],
    [8, 2],
    [128, 6],
    [129, null],
    [Number.POSITIVE_INFINITY, null],
    [Number.NaN, null],
  ])('clip a norm of %d medians by exponent %s', (norm, expected) => {
    expect(clipExponent(norm, 1)).toBe(expected);
  });

  it('cap weights at twice the median and drop who is beyond every clip', () => {
    const clipped = clipMembers([
      { weight: 10, norm: 1 },
      { weight: 10, norm: 1 },
      { weight: 100, norm: 3 },
      { weight: 10, norm: 1_000 },
      { weight: 0, norm: 0 },
    ]);
    expect(clipped.medianNorm).toBe(1);
    expect(clipped.members).toEqual([
      { weight: 10, clipExponent: 0 },
      { weight: 10, clipExponent: 0 },
      // Twice the median would be all that the others have together.
      { weight: 19, clipExponent: 1 },
      { weight: 0, clipExponent: 0 },
      { weight: 0, clipExponent: 0 },
    ]);
  });

  it('allow rounding, and nothing more, above the declared norm', () => {
    expect(withinNorm(25, 5)).toBe(true);
    expect(withinNorm(25.1, 5)).toBe(false);
    expect(withinNorm(Number.NaN, 5)).toBe(false);
  });
});

describe('chunk grid', () => {
  it('cuts a vector into whole chunks and a shorter last one', () => {
    const grid = chunkGrid(150_000, 65_536);
    expect(grid.chunks).toBe(3);
    expect([0, 1, 2].map((c) => chunkLength(grid, c))).toEqual([65_536, 65_536, 18_928]);
    expect(chunkStart(grid, 2)).toBe(131_072);
    expect(() => chunkLength(grid, 3)).toThrow(RangeError);
  });
});

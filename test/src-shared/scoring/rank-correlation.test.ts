import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankCorrelation, weightAgreement } from '../../../src-shared/scoring/rank-correlation.ts';

const values = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 24 });
const pairs = values.chain((a) =>
  fc.tuple(
    fc.constant(a),
    fc.array(fc.integer({ min: 0, max: 6 }), { minLength: a.length, maxLength: a.length }),
  ),
);

describe('rank correlation', () => {
  it('is 1 in the same order, whatever the distances, and -1 in the opposite one', () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 11, 500, 501])).toBe(1);
    expect(rankCorrelation([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
  });

  it('shares the places of ties', () => {
    // Ranks 1.5 1.5 3 4 against 1 2 3 4, worked out by hand: 4.5 over the root of 4.5 times 5.
    expect(rankCorrelation([7, 7, 8, 9], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(22.5), 12);
    // The short form with squared differences would say 0.95 here.
    expect(rankCorrelation([7, 7, 8, 9], [1, 2, 3, 4])).not.toBeCloseTo(0.95, 3);
  });

  it('knows nothing where there is no order', () => {
    expect(rankCorrelation([], [])).toBeNull();
    expect(rankCorrelation([1], [1])).toBeNull();
    expect(rankCorrelation([3, 3, 3], [1, 2, 3])).toBeNull();
  });

  it('is the same both ways, stays within one, and turns with the order', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const found = rankCorrelation(a, b);
        const back = rankCorrelation(b, a);
        if (found === null) return back === null;
        const turned = rankCorrelation(
          a,
          b.map((one) => -one),
        );
        return Math.abs(found) <= 1 + 1e-12 && found === back && Math.abs(found + (turned ?? 9)) < 1e-12;
      }),
    );
  });

  it('sees order alone: what grows with a value stands for it', () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const cubes = rankCorrelation(
          a.map((one) => one ** 3 + 7),
          b,
        );
        return cubes === rankCorrelation(a, b);
      }),
    );
  });
});

describe('agreement of weights', () => {
  it('counts whom one of both gives nothing as 0, and leaves out whom neither pays', () => {
    const ours = new Map([
      [1, 0.5],
      [2, 0.3],
      [3, 0.2],
      [9, 0],
    ]);
    const theirs = new Map([
      [1, 65_535],
      [2, 40_000],
    ]);
    expect(weightAgreement(ours, theirs)).toBe(rankCorrelation([0.5, 0.3, 0.2], [65_535, 40_000, 0]));
    expect(weightAgreement(ours, ours)).toBe(1);
    expect(weightAgreement(ours, new Map())).toBeNull();
  });
});

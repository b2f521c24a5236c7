import { describe, expect, it } from 'vitest';
import { compareSketches, SKETCH_PROJECTIONS, sumAgreement } from '../../../src-shared/scoring/gradient.ts';

/** A sketch with 16 equal sums and projections along one direction. */
const sketch = (sum: number, projection: number) => [
  ...Array.from({ length: 16 }, () => sum),
  ...Array.from({ length: SKETCH_PROJECTIONS }, (_, k) => (k % 2 ? projection : -projection)),
];

describe('agreement of sums', () => {
  it('matches the worked fixtures of the subnet', () => {
    expect(sumAgreement([10, 20, 30], [10, 20, 30])).toBe(1);
    expect(sumAgreement([10, 20, 30], [11, 19, 33])).toBeCloseTo(0.9227272727, 9);
    expect(sumAgreement([10, 20, 30], [15, 30, 40])).toBeCloseTo(0.6944444444, 9);
    expect(sumAgreement([0, 0, 0], [1e-9, 0, 0])).toBeCloseTo(0.9666666667, 9);
  });
});

describe('comparison of sketches', () => {
  it('gives 1 to equal sketches', () => {
    expect(compareSketches([sketch(3, 1), sketch(2, 5)], [sketch(3, 1), sketch(2, 5)])).toEqual({
      score: 1,
      sums: 1,
      projections: 1,
    });
  });

  it('is zero below the threshold and keeps the agreement as evidence', () => {
    const result = compareSketches([sketch(10, 1)], [sketch(15, 1)]);
    expect(result.score).toBe(0);
    expect(result.sums).toBeCloseTo(2 / 3, 12);
    expect(result.projections).toBe(1);
  });

  it('takes a threshold from the score model', () => {
    expect(compareSketches([sketch(10, 1)], [sketch(15, 1)], { threshold: 0.5 }).score).toBeCloseTo(
      2 / 3,
      12,
    );
  });

  it('sees a gradient of the right size and the wrong direction', () => {
    const result = compareSketches([sketch(10, -1)], [sketch(10, 1)]);
    expect(result).toMatchObject({ score: 0, sums: 1, projections: 0 });
  });

  it('refuses a different number of micro-batches', () => {
    expect(compareSketches([sketch(1, 1)], [sketch(1, 1), sketch(1, 1)])).toMatchObject({
      score: 0,
      refused: 'different-count',
    });
  });

  it('refuses values that are not finite', () => {
    expect(compareSketches([sketch(Number.NaN, 1)], [sketch(1, 1)]).refused).toBe('malformed-sketch');
    expect(compareSketches([sketch(1, Number.POSITIVE_INFINITY)], [sketch(1, 1)]).refused).toBe(
      'malformed-sketch',
    );
  });

  it('refuses a sketch of another length', () => {
    expect(compareSketches([sketch(1, 1).slice(1)], [sketch(1, 1)]).refused).toBe('malformed-sketch');
  });

  it('scores nothing when there is nothing to compare', () => {
    expect(compareSketches([], [])).toMatchObject({ score: 0, refused: 'nothing-to-compare' });
  });
});

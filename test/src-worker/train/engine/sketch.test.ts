import { describe, expect, it } from 'vitest';
import { parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { compareSketches, SKETCH_PROJECTIONS } from '../../../../src-shared/scoring/gradient.ts';
import { sketchGradient } from '../../../../src-worker/train/engine/sketch.ts';
import { randomFrom, TINY } from './support.ts';

const LAYOUT = parameterLayout(TINY);
const COUNT = parameterCount(TINY);
const SEED = Uint8Array.of(1, 2, 3);

function noise(seed: number): Float32Array {
  const next = randomFrom(seed);
  return Float32Array.from({ length: COUNT }, () => next() - 0.5);
}

describe('gradient sketch', () => {
  const gradient = noise(1);
  const sketch = sketchGradient(gradient, LAYOUT, SEED);

  it('holds the sum of absolute values of each tensor', () => {
    expect(sketch).toHaveLength(16 + SKETCH_PROJECTIONS);
    LAYOUT.forEach(({ offset, length }, index) => {
      const sum = gradient.subarray(offset, offset + length).reduce((total, g) => total + Math.abs(g), 0);
      expect(sketch[index]).toBeCloseTo(sum, 9);
    });
  });

  it('projects linearly', () => {
    const other = noise(2);
    const both = sketchGradient(
      gradient.map((g, i) => g + other[i]!),
      LAYOUT,
      SEED,
    );
    const apart = sketchGradient(other, LAYOUT, SEED);
    for (let k = 16; k < both.length; k++) expect(both[k]).toBeCloseTo(sketch[k]! + apart[k]!, 4);
  });

  it('keeps the norm of the gradient in the norm of its projections, on average over seeds', () => {
    const norm = Math.hypot(...gradient);
    let sum = 0;
    const seeds = 40;
    for (let s = 0; s < seeds; s++) {
      const projections = sketchGradient(gradient, LAYOUT, Uint8Array.of(s)).slice(16);
      sum += projections.reduce((total, p) => total + p * p, 0);
    }
    expect(Math.abs(sum / seeds / norm ** 2 - 1)).toBeLessThan(0.2);
  });

  it('depends on the seed in its projections only', () => {
    const other = sketchGradient(gradient, LAYOUT, Uint8Array.of(9));
    expect(other.slice(0, 16)).toEqual(sketch.slice(0, 16));
    expect(other.slice(16)).not.toEqual(sketch.slice(16));
  });

  it('is the same for equal gradients', () => {
    expect(sketchGradient(gradient.slice(), LAYOUT, SEED)).toEqual(sketch);
  });

  it('tells rounding from another gradient', () => {
    const rounded = sketchGradient(
      gradient.map((g) => g * (1 + 1e-5)),
      LAYOUT,
      SEED,
    );
    expect(compareSketches([rounded], [sketch]).score).toBeGreaterThan(0.999);
    expect(compareSketches([sketchGradient(noise(3), LAYOUT, SEED)], [sketch]).score).toBe(0);
  });

  it('sees a few shuffled elements that leave every sum as it was', () => {
    const reversed = Float32Array.from(gradient);
    for (const { offset, length } of LAYOUT) reversed.subarray(offset, offset + length).reverse();
    const { sums, projections, score } = compareSketches([sketchGradient(reversed, LAYOUT, SEED)], [sketch]);
    expect(sums).toBeGreaterThan(0.999999);
    expect(projections).toBeLessThan(0.75);
    expect(score).toBe(0);
  });
});

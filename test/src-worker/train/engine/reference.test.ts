import { describe, expect, it } from 'vitest';
import { type ModelConfig, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { IGNORED_TARGET } from '../../../../src-worker/train/engine/engine.ts';
import { lossAndGradient } from '../../../../src-worker/train/engine/reference/model.ts';
import { randomFrom, testBatch, testWeights } from './support.ts';

const CONFIG: ModelConfig = { layers: 2, width: 16, heads: 2, context: 6, vocab: 29 };
const STEP = 1e-5;
const CHECKED_PER_TENSOR = 12;

describe('float64 reference', () => {
  const weights = Float64Array.from(testWeights(CONFIG));
  const { ids, targets } = testBatch(CONFIG, 2);
  const gradient = new Float64Array(weights.length);
  lossAndGradient(CONFIG, weights, ids, targets, gradient);

  const slopeAt = (index: number) => {
    const moved = weights.slice();
    moved[index] = weights[index]! + STEP;
    const above = lossAndGradient(CONFIG, moved, ids, targets);
    moved[index] = weights[index]! - STEP;
    return (above - lossAndGradient(CONFIG, moved, ids, targets)) / (2 * STEP);
  };

  it.each(parameterLayout(CONFIG))(
    'gradient of $name agrees with central differences',
    ({ offset, length }) => {
      const next = randomFrom(offset + 1);
      const size = Math.sqrt(
        gradient.subarray(offset, offset + length).reduce((sum, g) => sum + g * g, 0) / length,
      );
      expect(size).toBeGreaterThan(1e-5);
      for (let k = 0; k < CHECKED_PER_TENSOR; k++) {
        const index = offset + Math.floor(next() * length);
        const scale = Math.max(Math.abs(gradient[index]!), size);
        expect(Math.abs(slopeAt(index) - gradient[index]!) / scale).toBeLessThan(1e-6);
      }
    },
  );

  it('scales the gradient and adds to what is there', () => {
    const twice = gradient.slice();
    lossAndGradient(CONFIG, weights, ids, targets, twice, 0.5);
    for (let i = 0; i < twice.length; i += 97) expect(twice[i]).toBeCloseTo(1.5 * gradient[i]!, 12);
  });

  it('leaves ignored targets out of the mean', () => {
    const only = targets.map((target, i) => (i === 5 ? target : IGNORED_TARGET));
    const other = only.map((target) => (target === IGNORED_TARGET ? target : (target + 1) % CONFIG.vocab));
    expect(lossAndGradient(CONFIG, weights, ids, only)).not.toBe(
      lossAndGradient(CONFIG, weights, ids, other),
    );
    expect(
      lossAndGradient(
        CONFIG,
        weights,
        ids,
        targets.map(() => IGNORED_TARGET),
      ),
    ).toBe(0);
  });

  it('sees no token that comes later', () => {
    const early = targets.map((target, i) => (i % CONFIG.context < 3 ? target : IGNORED_TARGET));
    const changed = ids.map((id, i) => (i % CONFIG.context >= 3 ? (id + 1) % CONFIG.vocab : id));
    expect(lossAndGradient(CONFIG, weights, changed, early)).toBe(
      lossAndGradient(CONFIG, weights, ids, early),
    );
  });
});

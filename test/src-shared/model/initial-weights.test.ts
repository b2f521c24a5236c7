import { describe, expect, it } from 'vitest';
import { initialWeights, weightsDigest } from '../../../src-shared/model/initial-weights.ts';
import { type ModelConfig, parameterCount, parameterLayout } from '../../../src-shared/model/layout.ts';

const PRACTICE: ModelConfig = { layers: 4, width: 128, heads: 2, context: 64, vocab: 4096 };
/** Seed of the practice profile (src-shared/profile/shipped.ts). */
const PRACTICE_SEED = 'butterfly/practice/1';
const PRACTICE_DIGEST = '9cf79c79f3af335cdb204bb8f360530851d8de76adbacdec709cd7ba877b5db2';

const flat = initialWeights(PRACTICE, PRACTICE_SEED);
const tensor = (wanted: string) => {
  const { offset, length } = parameterLayout(PRACTICE).find(({ name }) => name === wanted)!;
  return flat.subarray(offset, offset + length);
};

function moments(values: Float32Array) {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const central = (power: number) => values.reduce((sum, x) => sum + (x - mean) ** power, 0) / values.length;
  return { mean, std: Math.sqrt(central(2)), kurtosis: central(4) / central(2) ** 2 };
}

describe('parameter layout', () => {
  it('covers the practice model without gaps', () => {
    const layout = parameterLayout(PRACTICE);
    expect(layout).toHaveLength(16);
    layout.reduce((end, { offset, length }) => {
      expect(offset).toBe(end);
      return offset + length;
    }, 0);
    expect(parameterCount(PRACTICE)).toBe(1_325_824);
  });

  it('decays matrices and embeddings only', () => {
    const decayed = parameterLayout(PRACTICE).filter(({ decay }) => decay);
    expect(decayed.map(({ name }) => name)).toEqual(['wte', 'wpe', 'qkvw', 'attprojw', 'fcw', 'fcprojw']);
  });
});

describe('initial weights', () => {
  it('are the bits that the practice profile names', () => {
    expect(weightsDigest(flat)).toBe(PRACTICE_DIGEST);
  });

  it('follow a normal distribution in mean, spread and tails', () => {
    const { mean, std, kurtosis } = moments(tensor('wte'));
    expect(Math.abs(mean)).toBeLessThan(1e-4);
    expect(Math.abs(std / 0.02 - 1)).toBeLessThan(0.005);
    // 3 for a normal distribution, 2.9 for the sum of twelve uniform numbers.
    expect(kurtosis).toBeGreaterThan(2.85);
    expect(kurtosis).toBeLessThan(2.95);
  });

  it.each(['attprojw', 'fcprojw'])(
    'residual projection %s is smaller by the root of twice the layers',
    (name) => {
      expect(Math.abs(moments(tensor(name)).std / (0.02 / Math.sqrt(8)) - 1)).toBeLessThan(0.01);
    },
  );

  it('norms start as identity and biases at zero', () => {
    for (const gain of ['ln1w', 'ln2w', 'lnfw']) expect(tensor(gain).every((w) => w === 1)).toBe(true);
    for (const bias of ['ln1b', 'ln2b', 'lnfb', 'qkvb', 'attprojb', 'fcb', 'fcprojb']) {
      expect(tensor(bias).every((w) => w === 0)).toBe(true);
    }
  });

  it('tensors of one seed are not correlated', () => {
    const [a, b] = [tensor('qkvw'), tensor('fcw')];
    const dot = a.reduce((sum, x, i) => sum + x * b[i]!, 0) / a.length;
    expect(Math.abs(dot / 0.02 ** 2)).toBeLessThan(5 / Math.sqrt(a.length));
  });

  it('another seed gives other weights', () => {
    expect(weightsDigest(initialWeights(PRACTICE, 'other'))).not.toBe(PRACTICE_DIGEST);
  });
});

import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { IGNORED_TARGET } from '../../../../src-worker/train/engine/engine.ts';

/** Odd sizes on purpose: no dimension but the width fits a vector or a tile. */
export const TINY: ModelConfig = { layers: 2, width: 16, heads: 2, context: 9, vocab: 37 };

/** mulberry32: numbers in [0, 1) from a seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Weights of standard deviation 0.2 (norm gains around 1), so that every gradient has a signal. */
export function testWeights(config: ModelConfig, seed = 1): Float32Array {
  const next = randomFrom(seed);
  const flat = Float32Array.from(
    { length: parameterCount(config) },
    () => (next() - 0.5) * 0.2 * Math.sqrt(12),
  );
  for (const { name, offset, length } of parameterLayout(config)) {
    if (!/^ln.*w$/.test(name)) continue;
    for (let i = offset; i < offset + length; i++) flat[i]! += 1;
  }
  return flat;
}

/** A batch with every seventh target ignored. */
export function testBatch(config: ModelConfig, sequences: number, seed = 7) {
  const next = randomFrom(seed);
  const draw = () => Math.floor(next() * config.vocab);
  const ids = Uint16Array.from({ length: sequences * config.context }, draw);
  const targets = Uint16Array.from(ids, (_, i) => (i % 7 === 3 ? IGNORED_TARGET : draw()));
  return { ids, targets };
}

/** Largest difference in a range over the largest value of the reference there. */
export function relativeError(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  offset = 0,
  length = actual.length,
): number {
  let apart = 0;
  let size = 0;
  for (let i = offset; i < offset + length; i++) {
    apart = Math.max(apart, Math.abs(actual[i]! - expected[i]!));
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return apart / size;
}

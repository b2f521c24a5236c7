import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { createCpuEngine } from './cpu/cpu-engine.ts';
import type { Batch, Engine } from './engine.ts';

/** What is computed on both before an engine is trusted: all operations of the model, of a size that takes no time. */
const CHECKED: ModelConfig = { layers: 2, width: 32, heads: 2, context: 24, vocab: 96 };
/** Two right engines differ by the rounding of float32, broken ones by more: a thousandth of the largest gradient. */
const CHECK_TOLERANCE = 1e-3;

/**
 * One gradient of a small model on an engine and on the processor's.
 * @throws {AppError} ENGINE_WRONG
 */
export async function demandSameGradient(
  device: string,
  make: (config: ModelConfig) => Promise<Engine>,
): Promise<void> {
  const weights = waves(parameterCount(CHECKED), 0.2);
  const ids = Uint16Array.from({ length: CHECKED.context }, (_, i) => (i * 37 + 5) % CHECKED.vocab);
  const batch = { ids, targets: ids.map((id) => (id * 5 + 1) % CHECKED.vocab) };
  const checked = await make(CHECKED);
  try {
    const found = await gradientOf(checked, weights, batch);
    const processor = await createCpuEngine(CHECKED, { maxSequences: 1, threads: 1, isInline: true });
    const apart = distance(found, await gradientOf(processor, weights, batch));
    await processor.dispose();
    if (!(apart < CHECK_TOLERANCE))
      throw new AppError('ENGINE_WRONG', { device, apart: apart.toPrecision(2) });
  } finally {
    await checked.dispose();
  }
}

async function gradientOf(engine: Engine, weights: Float32Array, batch: Batch): Promise<Float32Array> {
  await engine.load(weights);
  await engine.gradient([batch]);
  const gradient = new Float32Array(weights.length);
  await engine.read('gradient', gradient);
  return gradient;
}

/** Numbers of all sizes up to `size`, the same everywhere. */
const waves = (count: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(12.9898 * (i + 1)));

/** Largest difference over the largest value. NaN where something is not a number. */
function distance(found: Float32Array, expected: Float32Array): number {
  let apart = 0;
  let size = 0;
  for (let i = 0; i < found.length; i += 1) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= apart)) apart = difference;
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return apart / size;
}

import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { createCpuEngine } from './cpu/create.ts';
import { distance } from './distance.ts';
import type { AdamWSettings, Batch, Engine } from './engine.ts';

/** What is computed on both before an engine is trusted: all operations of the model, of a size that takes no time. */
const CHECKED: ModelConfig = { layers: 2, width: 32, heads: 2, context: 24, vocab: 96 };
/**
 * Two right engines differ by the rounding of what they multiply, broken ones by more: in parts of the largest number.
 * Float16 has 11 bits, of which a gradient through two layers loses three at most.
 */
const TOLERANCE = { f64: 1e-3, f32: 1e-3, f16: 1e-2 } as const;
/** A step that a gradient's rounding does not tip over: `eps` is as large as what it is added to. */
const STEP: AdamWSettings = { lr: 1, beta1: 0.9, beta2: 0.99, eps: 1, weightDecay: 0.1, clip: 1 };

/**
 * One gradient of a small model and the step that it leads to, on an engine and on the processor's.
 * @throws {AppError} ENGINE_WRONG
 */
export async function demandSameStep(
  device: string,
  make: (config: ModelConfig) => Promise<Engine>,
): Promise<void> {
  const weights = waves(parameterCount(CHECKED), 0.2);
  const ids = Uint16Array.from({ length: CHECKED.context }, (_, i) => (i * 37 + 5) % CHECKED.vocab);
  const batch = { ids, targets: ids.map((id) => (id * 5 + 1) % CHECKED.vocab) };
  const checked = await make(CHECKED);
  try {
    const found = await stepOf(checked, weights, batch);
    const processor = await createCpuEngine(CHECKED, { maxSequences: 1, threads: 1, isInline: true });
    const expected = await stepOf(processor, weights, batch);
    await processor.dispose();
    for (const vector of ['gradient', 'parameters'] as const) {
      const apart = distance(found[vector], expected[vector]);
      if (!(apart < TOLERANCE[checked.capabilities.precision]))
        throw new AppError('ENGINE_WRONG', { device, apart: apart.toPrecision(2) });
    }
  } finally {
    await checked.dispose();
  }
}

/**
 * A step of the real model, with a micro-batch as large as any: a driver that dies of it shall die while the process
 * starts. It leaves the weights as they were; loading sets whatever else it leaves.
 * @throws the signal's reason
 */
export async function takeFirstStep(engine: Engine, sequences: number, signal: AbortSignal): Promise<void> {
  const { context, vocab } = engine.config;
  const ids = Uint16Array.from({ length: sequences * context }, (_, i) => i % vocab);
  await engine.gradient([{ ids, targets: ids }], { signal });
  await engine.optimizerStep({ ...STEP, lr: 0 });
}

async function stepOf(engine: Engine, weights: Float32Array, batch: Batch) {
  await engine.load(weights);
  await engine.gradient([batch]);
  const [gradient, parameters] = [new Float32Array(weights.length), new Float32Array(weights.length)];
  await engine.read('gradient', gradient);
  await engine.optimizerStep(STEP);
  await engine.read('parameters', parameters);
  return { gradient, parameters };
}

/** Numbers of all sizes up to `size`, the same everywhere. */
const waves = (count: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(12.9898 * (i + 1)));

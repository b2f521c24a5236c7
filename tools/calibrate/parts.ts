import { fillInitialWeights } from '../../src-shared/model/initial-weights.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { practiceModel } from '../../src-shared/profile/shipped.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { AdamWSettings, Batch, Engine } from '../../src-worker/train/engine/engine.ts';
import { createGpuEngine } from '../../src-worker/train/engine/gpu/create.ts';
import { chooseHalfGpu, HALF_ADAPTER } from '../../test/src-worker/train/engine/software-gpu.ts';
import { buildKernels } from '../tasks/build-kernels.ts';

/** What calibration works on: the practice model, and text of a kind for it. */
export const { model } = practiceModel();
export const ADAMW: AdamWSettings = {
  ...{ lr: 1e-3, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1, clip: 1 },
};
/** Steps after which engines are compared once more: at first gradients are larger and more alike. */
export const STEPS = 40;

/** Frequent words are frequent, and each has favourite followers. */
export function batchOf(seed: number, sequences: number): Batch {
  let state = seed;
  const draw = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const tokens = new Uint16Array(sequences * model.context + 1);
  for (let i = 0; i < tokens.length; i += 1) {
    const word = Math.floor(model.vocab ** draw()) - 1;
    tokens[i] = i > 0 && draw() < 0.5 ? (tokens[i - 1]! * 7 + 3) % model.vocab : word;
  }
  return { ids: tokens.slice(0, -1), targets: tokens.slice(1) };
}

/** The engines of this machine by name: the processor, and a graphics card, played by software, in either precision. */
export async function enginesHere(maxSequences: number): Promise<{
  readonly engines: Readonly<Record<string, Engine>>;
  /** Why there is no graphics card among them; null where there is. */
  readonly lacking: string | null;
}> {
  await buildKernels();
  const lacking = await chooseHalfGpu();
  const cpu = await createCpuEngine(model, { maxSequences, threads: 1, isInline: true });
  if (lacking) return { engines: { cpu }, lacking };
  const onCard = (precision: 'f32' | 'f16') =>
    createGpuEngine(model, { maxSequences, flags: HALF_ADAPTER, precision });
  return { engines: { cpu, 'gpu, f32': await onCard('f32'), 'gpu, f16': await onCard('f16') }, lacking };
}

/** Weights at the start and after some steps of this engine, by when that is. */
export async function weightsOf(
  engine: Engine,
  sequences: number,
): Promise<Readonly<Record<string, Float32Array>>> {
  const first = new Float32Array(parameterCount(model));
  for (const _ of fillInitialWeights(first, model, 'calibration'));
  await engine.load(first);
  for (let step = 0; step < STEPS; step += 1) {
    await engine.gradient([batchOf(100 + step, sequences)]);
    await engine.optimizerStep(ADAMW);
  }
  const later = new Float32Array(first.length);
  await engine.read('parameters', later);
  return { 'at the start': first, [`after ${STEPS} steps`]: later };
}

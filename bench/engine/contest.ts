/** Trainers of the same model on the same weights and text, taking turns in one process. */
import { initialWeights } from '../../src-shared/model/initial-weights.ts';
import type { ModelConfig } from '../../src-shared/model/layout.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { Batch, Engine } from '../../src-worker/train/engine/engine.ts';

/** A model and how many sequences a step of it has. */
export type Course = { readonly config: ModelConfig; readonly sequences: number };

export const PRACTICE: Course = {
  config: { layers: 4, width: 128, heads: 2, context: 64, vocab: 4096 },
  sequences: 2,
};
export const WIDE: Course = {
  config: { layers: 6, width: 384, heads: 6, context: 256, vocab: 4096 },
  sequences: 4,
};
/** The small model that peers on graphics cards are compared with. */
export const TINY: Course = {
  config: { layers: 2, width: 64, heads: 4, context: 64, vocab: 512 },
  sequences: 4,
};

export const ADAMW = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 } as const;
/** First losses of two right implementations differ by float32 rounding only. */
const LOSS_TOLERANCE = 1e-3;

export type Contender = {
  /** Steps of one turn: a fast one takes more of them, so that a turn is long enough to be timed. */
  readonly steps: number;
  /** One step of training; the loss before it. */
  readonly step: (batch: Batch) => Promise<number>;
};

export const weightsOf = ({ config }: Course): Float32Array => initialWeights(config, 'bench');

/** Numbers that stand for text: what they are takes no part in how long a step takes. */
export function batchAt({ config, sequences }: Course, seed: number): Batch {
  const ids = Uint16Array.from(
    { length: sequences * config.context },
    (_, i) => ((i + seed) * 7919) % config.vocab,
  );
  return { ids, targets: ids.map((id) => (id * 5 + 1) % config.vocab) };
}

export const stepOf =
  (engine: Engine): Contender['step'] =>
  async (batch) => {
    const { loss } = await engine.gradient([batch]);
    await engine.optimizerStep(ADAMW);
    return loss;
  };

/** The processor's engine on the calling thread, as the peers run. */
export async function cpuContender(course: Course, steps: number, stack: AsyncDisposableStack) {
  const engine = await createCpuEngine(course.config, {
    maxSequences: course.sequences,
    threads: 1,
    isInline: true,
  });
  stack.defer(() => engine.dispose());
  await engine.load(weightsOf(course));
  return { engine, contender: { steps, step: stepOf(engine) } satisfies Contender };
}

/**
 * Median time of a step of each, in ms. The first turn warms everything up and does not count.
 * @throws {Error} when their first losses say that they are not the same model
 */
export async function stepsMs(
  course: Course,
  contenders: readonly Contender[],
  turns: number,
): Promise<readonly number[]> {
  const losses: number[] = [];
  for (const { step } of contenders) losses.push(await step(batchAt(course, 0)));
  if (losses.some((loss) => Math.abs(loss - losses[0]!) > LOSS_TOLERANCE))
    throw new Error(`not the same model: first losses ${losses.join(', ')}`);
  const times = contenders.map((): number[] => []);
  for (let turn = 0; turn <= turns; turn += 1)
    for (const [i, { steps, step }] of contenders.entries()) {
      const startedMs = performance.now();
      for (let k = 0; k < steps; k += 1) await step(batchAt(course, turn + k));
      if (turn > 0) times[i]!.push((performance.now() - startedMs) / steps);
    }
  return times.map(median);
}

export const tokensPerS = ({ config, sequences }: Course, ms: number): number =>
  Math.round((1000 * sequences * config.context) / ms);

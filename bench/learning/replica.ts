import type { ModelConfig } from '../../src-shared/model/layout.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { AdamWSettings, Batch, Engine } from '../../src-worker/train/engine/engine.ts';
import { learningRate } from '../../src-worker/train/loop/schedule.ts';
import type { Inner } from './arms.ts';

/** One optimiser with its weights, on one thread. */
export interface Replica {
  readonly engine: Engine;
  /** One step on a batch. @param seen tokens of all peers before it, and all that will be */
  step(batch: Batch, seen: { readonly tokens: number; readonly of: number }): Promise<void>;
}

export async function replica(
  model: ModelConfig,
  { inner, sequences }: { readonly inner: Inner; readonly sequences: number },
): Promise<Replica> {
  const engine = await createCpuEngine(model, {
    threads: 1,
    maxSequences: Math.max(sequences, 32),
    isInline: true,
  });
  return {
    engine,
    async step(batch, { tokens, of }) {
      await engine.gradient([batch]);
      const { applied } = await engine.optimizerStep(settingsAt(inner, engine.steps, tokens, of));
      if (!applied) throw new Error('the gradient is not finite');
    },
  };
}

function settingsAt(inner: Inner, steps: number, tokens: number, of: number): AdamWSettings {
  const rising = learningRate(
    { ...inner, microBatchesPerStep: 1, sequencesPerMicroBatch: 1, maxStepsPerRound: 1 },
    { tokens, sinceReset: steps },
  );
  return { ...inner, lr: rising * falling(inner, tokens / of) };
}

const LEAST_RATE = 0.1;

function falling({ fallShare }: Inner, done: number): number {
  if (done <= 1 - fallShare) return 1;
  return 1 - ((done - (1 - fallShare)) / fallShare) * (1 - LEAST_RATE);
}

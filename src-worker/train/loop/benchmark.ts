import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { median } from '../../../src-shared/reduce/norms.ts';
import type { Engine } from '../engine/engine.ts';
import { BENCHMARK_STEPS } from '../limits.ts';
import { sequenceCount, sliceBatch } from '../pages/packing.ts';
import type { Corpus } from './trainer.ts';

/**
 * Median time of an inner step, in ms, on text that is here already. Runs before the replica is loaded, on whatever weights the engine holds;
 * loading sets everything that it leaves behind.
 */
export async function benchmark(
  engine: Engine,
  { heldOut }: Pick<Corpus, 'heldOut'>,
  consensus: Consensus,
  signal: AbortSignal,
): Promise<number> {
  const { inner, model } = consensus;
  const sequences = Math.min(inner.sequencesPerMicroBatch, sequenceCount(heldOut.length, model.context));
  const batch = sliceBatch(heldOut, model.context, 0, sequences);
  const batches = Array.from({ length: inner.microBatchesPerStep }, () => batch);
  const timesMs: number[] = [];
  for (let step = 0; step <= BENCHMARK_STEPS && !signal.aborted; step += 1) {
    const startedMs = performance.now();
    await engine.gradient(batches);
    await engine.optimizerStep(inner);
    timesMs.push(performance.now() - startedMs);
  }
  return median(timesMs.length > 1 ? timesMs.slice(1) : timesMs);
}

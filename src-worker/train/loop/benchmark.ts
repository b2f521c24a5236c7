import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { median } from '../../../src-shared/reduce/norms.ts';
import type { Engine } from '../engine/engine.ts';
import { BENCHMARK_STEPS } from '../limits.ts';
import { sliceBatch } from '../pages/packing.ts';
import type { PageSource } from '../pages/page-source.ts';

/**
 * Median time of an inner step, in ms. Runs before the replica is loaded, on whatever weights the engine holds;
 * loading sets everything that it leaves behind.
 */
export async function benchmark(
  engine: Engine,
  corpus: PageSource,
  consensus: Consensus,
  signal: AbortSignal,
): Promise<number> {
  const { inner, model } = consensus;
  const page = await corpus.loadPage(0, signal);
  const sequences = Math.min(inner.sequencesPerMicroBatch, page.sequences);
  const batch = sliceBatch(page.tokens, model.context, 0, sequences);
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

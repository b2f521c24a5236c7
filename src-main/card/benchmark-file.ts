import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { BENCHMARKS_KEPT, type Benchmark, benchmarkSchema } from '../../src-shared/contract/benchmark.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';

/** Benchmarks of this computer, the newest first: `benchmarks.json` of the data folder. */
export const benchmarkFile = (dataDir: string, told: (error: CodedError) => void): DurableJson<Benchmark[]> =>
  durableJson({
    path: join(dataDir, 'benchmarks.json'),
    schema: v.pipe(v.array(benchmarkSchema), v.maxLength(BENCHMARKS_KEPT)),
    told,
  });

/** With a new one; the oldest go. */
export const withBenchmark = (kept: readonly Benchmark[], one: Benchmark): Benchmark[] =>
  [one, ...kept].slice(0, BENCHMARKS_KEPT);

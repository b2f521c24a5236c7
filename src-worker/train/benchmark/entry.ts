import { serveChild } from '../../../src-node/child.ts';
import { benchmarkContract } from '../../../src-shared/contract/benchmark.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import { openBench } from './bench.ts';
import { measureSpeed } from './measure.ts';

serveChild(benchmarkContract, async ({ engine, tilings, freeBytes }, door) => {
  const kept = {
    path: tilings,
    told: (error: CodedError) => door.notice(new AppError(error.code, error.params)),
  };
  const bench = await openBench(engine, { tilings: kept, freeBytes }, door.stopping);
  return {
    facts: { engine: bench.name, computes: bench.computes },
    handlers: {
      measure: (asked, signal) => measureSpeed(bench, asked, AbortSignal.any([signal, door.stopping])),
    },
    stop: async () => bench.dispose(),
  };
});

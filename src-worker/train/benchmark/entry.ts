import { serveChild } from '../../../src-node/child.ts';
import { benchmarkContract } from '../../../src-shared/contract/benchmark.ts';
import { openBench } from './bench.ts';
import { measureSpeed } from './measure.ts';

serveChild(benchmarkContract, async ({ engine }, door) => {
  const bench = await openBench(engine, door.stopping);
  return {
    facts: { engine: bench.name, computes: bench.computes },
    handlers: {
      measure: (asked, signal) => measureSpeed(bench, asked, AbortSignal.any([signal, door.stopping])),
    },
    stop: async () => bench.dispose(),
  };
});

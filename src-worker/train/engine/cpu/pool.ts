import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { POOL_START_TIMEOUT_MS } from '../limits.ts';
import { createLane, finished, post } from './control.ts';
import { instantiateKernels } from './kernels.ts';
import type { Plan } from './plan.ts';
import type { PoolThreadStart } from './pool-worker.ts';
import { type Command, runCommand } from './program.ts';

/** Who runs the program: the calling thread, or threads of its own. */
export type Runner = {
  run(command: Command): Promise<void>;
  dispose(): Promise<void>;
};

export function inlineRunner(module: WebAssembly.Module, memory: WebAssembly.Memory, plan: Plan): Runner {
  const lane = createLane(instantiateKernels(module, memory), memory, plan, 0);
  return { run: async (command) => runCommand(lane, command), dispose: async () => {} };
}

function poolFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? './pool-worker.ts' : './train-pool.js', import.meta.url));
}

/** One worker thread per entry of `plan.threads`; the calling thread only waits, without blocking. */
export async function startPool(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  plan: Plan,
  signal?: AbortSignal,
): Promise<Runner> {
  const workers = plan.threads.map(
    (_, thread) =>
      new Worker(poolFile(), { workerData: { module, memory, plan, thread } satisfies PoolThreadStart }),
  );
  const failed = new Promise<never>((_, reject) => {
    for (const worker of workers)
      worker.once('error', (error) => reject(new AppError('INTERNAL', {}, error)));
  });
  // Nobody may be waiting when a thread fails; the next `run` reports it.
  failed.catch(() => {});
  const terminate = async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  const limit = AbortSignal.any([AbortSignal.timeout(POOL_START_TIMEOUT_MS), ...(signal ? [signal] : [])]);
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message', { signal: limit })));
  } catch (error) {
    await terminate();
    throw error;
  }
  return {
    async run(command) {
      post(memory, plan, command);
      await Promise.race([finished(memory, plan), failed]);
    },
    async dispose() {
      post(memory, plan, { kind: 'exit' });
      await terminate();
    },
  };
}

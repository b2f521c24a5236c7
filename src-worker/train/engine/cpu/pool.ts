import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failing } from '../../../../src-node/waits.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { POOL_START_TIMEOUT_MS, SHARE_LOOK_MS } from '../limits.ts';
import { restMs, type Throttle, unthrottled } from '../throttle.ts';
import type { Command } from './commands.ts';
import { finished, post } from './control.ts';
import { instantiateKernels } from './kernels.ts';
import { createLane } from './lane.ts';
import type { Plan } from './plan.ts';
import type { PoolThreadStart } from './pool-worker.ts';
import { Programs } from './program.ts';
import { setShare } from './rest.ts';
import { wordsOf } from './words.ts';

/** Who runs the program: the calling thread, or threads of its own. */
export type Runner = {
  /** @throws {AppError} INTERNAL where a thread failed; CANCELLED once it is disposed */
  run(command: Command): Promise<void>;
  dispose(): Promise<void>;
};

export function inlineRunner(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  plan: Plan,
  throttle: Throttle = unthrottled,
): Runner {
  const lane = createLane(instantiateKernels(module, memory), memory, plan, 0);
  const programs = new Programs(plan);
  return {
    async run(command) {
      const startedMs = performance.now();
      for (const { parts, run } of programs.of(command))
        for (let part = 0; part < parts; part++) run(lane, part);
      if (throttle.share < 1) await sleep(restMs(performance.now() - startedMs, throttle));
    },
    dispose: async () => {},
  };
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
  { throttle, signal }: { readonly throttle: Throttle; readonly signal?: AbortSignal },
): Promise<Runner> {
  const workers = plan.threads.map(
    (_, thread) =>
      new Worker(poolFile(), { workerData: { module, memory, plan, thread } satisfies PoolThreadStart }),
  );
  const words = wordsOf(memory, plan);
  // Nobody may be waiting when a thread fails; the next `run` reports it.
  const threads = new Failing();
  for (const worker of workers)
    worker.once('error', (error) => threads.fail(new AppError('INTERNAL', {}, error)));
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
      setShare(words, throttle.share);
      // A command may take minutes, and somebody may want it slower or faster meanwhile.
      const looking = setInterval(() => setShare(words, throttle.share), SHARE_LOOK_MS);
      try {
        post(memory, plan, command);
        await threads.orFail(finished(memory, plan));
      } finally {
        clearInterval(looking);
      }
    },
    async dispose() {
      // Threads that end leave a command undone, and who waits for it would wait for ever.
      threads.fail(new AppError('CANCELLED', {}));
      post(memory, plan, { kind: 'exit' });
      await terminate();
    },
  };
}

import { parentPort, workerData } from 'node:worker_threads';
import { yieldToPeople } from '../../priority.ts';
import { serve } from './control.ts';
import { instantiateKernels } from './kernels.ts';
import { createLane } from './lane.ts';
import type { Plan } from './plan.ts';

/** What the engine hands to each of its threads. */
export type PoolThreadStart = {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly plan: Plan;
  readonly thread: number;
};

const { module, memory, plan, thread } = workerData as PoolThreadStart;
const lane = createLane(instantiateKernels(module, memory), memory, plan, thread);
yieldToPeople();
parentPort?.postMessage('ready');
serve(memory, plan, lane);

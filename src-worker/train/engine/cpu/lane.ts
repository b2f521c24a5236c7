import type { Kernels } from './kernels.ts';
import { normPartsIn, type Plan, type ThreadPlan } from './plan.ts';

/** What a thread brings to any work: kernels of its own on the shared memory, and scratch that nobody else touches. */
export type Lane = {
  readonly kernels: Kernels;
  readonly plan: Plan;
  readonly scratch: ThreadPlan;
  /** Partial sums of the gradient's squares. */
  readonly normParts: Float64Array;
};

export function createLane(kernels: Kernels, memory: WebAssembly.Memory, plan: Plan, thread: number): Lane {
  return { kernels, plan, scratch: plan.threads[thread]!, normParts: normPartsIn(memory, plan) };
}

import type { ParameterName } from '../../../../src-shared/model/layout.ts';
import { type Plan, tensorAddress } from './plan.ts';
import { type Stage, stage, type Work } from './stage.ts';

/** Sequences on their way through the model, at these weights. */
export type Pass = {
  readonly plan: Plan;
  /** Address of the weights: the parameters, or those beside them. */
  readonly weights: number;
  readonly sequences: number;
  readonly rows: number;
};

/** Names of a weight and its bias, or of a norm's gain and bias. */
export type Pair = readonly [ParameterName, ParameterName];

/** Rows of the residual stream that are worth a part of their own where little is done to each. */
export const ENOUGH_ROWS = 64;
/** The same for elements of a vector. */
export const ENOUGH_ELEMENTS = 32_768;

export function passOf(plan: Plan, weights: number, sequences: number): Pass {
  return { plan, weights, sequences, rows: sequences * plan.config.context };
}

/** Works that do not need each other, as a stage of all the engine's threads. */
export function together({ plan }: { readonly plan: Plan }, ...works: readonly Work[]): Stage {
  return stage(plan.threads.length, ...works);
}

export function parameter({ plan, weights }: Pass, name: ParameterName, layer?: number): number {
  return tensorAddress(plan, weights, name, layer);
}

export function gradient({ plan }: Pass, name: ParameterName, layer?: number): number {
  return tensorAddress(plan, plan.gradient, name, layer);
}

/** Zeros at `at`. */
export function clear(at: number, total: number): Work {
  return {
    ...{ total, unit: 1024, enough: ENOUGH_ELEMENTS },
    run: ({ kernels }, start, end) => kernels.clear(at + 4 * start, end - start),
  };
}

/** Rows of the head that its logits are held for at a time. */
export function forEachChunk({ plan, rows }: Pass, visit: (first: number, count: number) => void): void {
  for (let first = 0; first < rows; first += plan.logitRows)
    visit(first, Math.min(plan.logitRows, rows - first));
}

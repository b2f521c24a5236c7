import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { type Plan, planMemory } from './plan.ts';

/** 64 KiB each: 4 GiB is all that a 32-bit address reaches. */
const MAX_PAGES = 65_536;
const PAGES_PER_MIB = 16;
/** Two sets of weights, gradient and two moments, whatever goes through the model. */
const BYTES_PER_PARAMETER = 20;
/** Parameters beyond which nothing is left for anything else. */
export const MAX_PARAMETERS = Math.floor((MAX_PAGES * 2 ** 16) / BYTES_PER_PARAMETER);

interface Wanted {
  /** Sequences of a micro-batch at most. */
  readonly maxSequences: number;
  readonly threads: number;
  /** Sequences of a pass at most, where fewer are wanted than memory would hold. */
  readonly mostInPass?: number | undefined;
}

/**
 * The plans that 32 bits can address, those with the fewest passes for a micro-batch first. A micro-batch is cut evenly:
 * passes of another size would take more memory and no less time.
 * @throws {AppError} ENGINE_TOO_LARGE where not even one sequence can go through at a time
 */
export function fittingPlans(
  config: ModelConfig,
  { maxSequences, threads, mostInPass = maxSequences }: Wanted,
): Plan[] {
  const sizes = new Set(Array.from({ length: maxSequences }, (_, i) => Math.ceil(maxSequences / (i + 1))));
  const plans = [...sizes]
    .filter((sequences) => sequences <= mostInPass)
    .map((sequences) => planMemory(config, sequences, threads))
    .filter(({ pages }) => pages <= MAX_PAGES);
  if (plans.length > 0) return plans;
  const { pages } = planMemory(config, 1, threads);
  throw new AppError('ENGINE_TOO_LARGE', {
    neededMib: Math.ceil(pages / PAGES_PER_MIB),
    mostMib: MAX_PAGES / PAGES_PER_MIB,
  });
}

/**
 * The first of these plans that the machine has the memory for, and that memory.
 * @throws {AppError} ENGINE_MEMORY
 */
export function reserveFirst(plans: readonly Plan[]): {
  readonly plan: Plan;
  readonly memory: WebAssembly.Memory;
} {
  let refused: unknown;
  for (const plan of plans)
    try {
      const { pages } = plan;
      return { plan, memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }) };
    } catch (thrown) {
      refused = thrown;
    }
  const least = Math.min(...plans.map(({ pages }) => pages));
  throw new AppError('ENGINE_MEMORY', { neededMib: Math.ceil(least / PAGES_PER_MIB) }, refused);
}

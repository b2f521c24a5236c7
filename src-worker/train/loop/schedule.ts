import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { RATE_RAMP_STEPS } from '../limits.ts';

/**
 * The inner learning rate of the step that ends at `tokens`: linear over the warm-up, then constant. After the
 * moments were zeroed it ramps up again, since the first AdamW steps of all elements have full length.
 */
export function learningRate(
  inner: Consensus['inner'],
  at: { readonly tokens: number; readonly sinceReset: number },
): number {
  const warmUp = inner.warmupTokens === 0 ? 1 : Math.min(1, at.tokens / inner.warmupTokens);
  const ramp = Math.min(1, (at.sinceReset + 1) / RATE_RAMP_STEPS);
  return inner.lr * Math.min(warmUp, ramp);
}

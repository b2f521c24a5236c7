import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import { inactiveFrom } from './weights-plan.ts';

/** So much of the time that weights count has to be left, or their validator is told. */
const WARNED_SHARE = 0.25;

/** Tells, once for each set of weights, that the chain is about to count their validator as inactive. */
export function weightsAge(hotkey: Ss58, problem: (error: CodedError) => void) {
  /** Block of those that were told of. */
  let told: number | null = null;
  return {
    look(block: number, snapshot: SubnetSnapshot | null): void {
      const own = snapshot?.neurons.find((neuron) => neuron.hotkey === hotkey);
      // Whoever never set any loses nothing.
      if (!snapshot || !own || own.lastUpdate === 0 || told === own.lastUpdate) return;
      const { lastUpdate } = own;
      const from = inactiveFrom(lastUpdate, snapshot.subnet);
      if (from - block > snapshot.subnet.activityCutoff * WARNED_SHARE) return;
      told = lastUpdate;
      const blocks = Math.max(0, from - block);
      problem({ code: 'WEIGHTS_EXPIRE', params: { block: lastUpdate, from, blocks } });
    },
  };
}

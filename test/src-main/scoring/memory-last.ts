import type { LastWeights, WeightsSet } from '../../../src-main/scoring/last-weights.ts';

/** What the chain took last, on no disk. */
export function memoryLast(kept: WeightsSet | null = null): LastWeights {
  let last = kept;
  return {
    read: async () => last,
    async write(set) {
      last = set;
    },
  };
}

/** Evidence of any time counts, and there is some. */
export const ALWAYS = 1_000_000;
export const seen = { workedBlock: 0, checkedBlock: 0 };

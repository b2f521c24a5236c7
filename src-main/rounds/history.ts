import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { HeldOutPoint } from './held-out.ts';
import { HISTORY_KEPT } from './limits.ts';

/** What earlier starts of the run left to be shown, oldest first. */
export interface RoundsPast {
  readonly rounds: readonly RoundSummary[];
  readonly heldOut: readonly HeldOutPoint[];
}

/** The rounds gone by, oldest first, those of earlier starts included. */
export interface RoundHistory {
  readonly summaries: readonly RoundSummary[];
  add(summary: RoundSummary): void;
  /** The held-out loss of a round's base is measured when the round is long over. */
  noteLoss(round: number, loss: number): void;
}

export function roundHistory(past: readonly RoundSummary[]): RoundHistory {
  let summaries = past.slice(-HISTORY_KEPT);
  return {
    get summaries() {
      return summaries;
    },
    add(summary) {
      summaries = [...summaries.filter(({ round }) => round !== summary.round), summary].slice(-HISTORY_KEPT);
    },
    noteLoss(round, heldOutLoss) {
      summaries = summaries.map((one) => (one.round === round ? { ...one, heldOutLoss } : one));
    },
  };
}

import { median } from '../reduce/norms.ts';

/**
 * Time zero of an exchange (ROUNDS section 5): the median of when members say that the agreed roster came to them, this
 * one's word among them, moved by at most the slack. Times are ms of this member's clock.
 * @param ownMs null for who came back in the middle of the round: only the others know
 * @param heardMs of the others; at least one where `ownMs` is null
 */
export function timeZero(ownMs: number | null, heardMs: readonly number[], slackMs: number): number {
  if (ownMs === null) return median(heardMs);
  return Math.min(ownMs + slackMs, Math.max(ownMs - slackMs, median([...heardMs, ownMs])));
}

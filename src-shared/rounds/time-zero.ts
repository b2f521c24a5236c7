import { median } from '../reduce/norms.ts';

/**
 * Time zero of an exchange (ROUNDS section 5): the median of when members say that the agreed roster came to them, this
 * one's word among them, moved by at most what is allowed. Times are ms of this member's clock.
 * @param heardMs of the others
 * @param withinMs the slack; more where this one's own word is an estimate
 */
export function timeZero(ownMs: number, heardMs: readonly number[], withinMs: number): number {
  return Math.min(ownMs + withinMs, Math.max(ownMs - withinMs, median([...heardMs, ownMs])));
}

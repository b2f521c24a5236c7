import type { Consensus } from '../profile/schema.ts';

/** A chain that goes slower than this many times its usual pace is not waited for any longer. */
export const MOST_SLOWDOWN = 32;

/**
 * How many times slower than by the profile the chain goes, at least 1: a chain that slows down gives its peers more
 * time in the same number of blocks (ROUNDS section 5).
 * @param blockMs mean time between its last finalized blocks
 */
export const slowdownOf = (
  blockMs: number,
  { blockMs: usual }: Pick<Consensus['clock'], 'blockMs'>,
): number => Math.min(MOST_SLOWDOWN, Math.max(1, blockMs / usual));

/**
 * Inner steps that a round counts of somebody who takes so long for one: those until its contributions are frozen, and
 * never more than the profile says.
 */
export function stepsARound(stepMs: number, { clock, inner }: Pick<Consensus, 'clock' | 'inner'>): number {
  const workMs = clock.ready * clock.blockMs;
  return stepMs <= 0 ? inner.maxStepsPerRound : Math.min(inner.maxStepsPerRound, Math.floor(workMs / stepMs));
}

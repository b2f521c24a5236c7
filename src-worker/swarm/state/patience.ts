import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { CONTRIBUTION_LIMIT_MS, KEPT_WAITING_MS } from './limits.ts';

/** How long whoever judges waits for a member, in ms. Who takes longer has kept silent. */
export interface Patience {
  /** By so much a member may be behind, all in all: it may be full, sum up a state, or average longer than others. */
  readonly behindMs: number;
  /** A whole contribution, at an even pace. */
  readonly contributionMs: number;
}

/** Of the time between an outcome and the next exchange, so that silence shows within it in short rounds too. */
const BEHIND_SHARE = 0.25;
const CONTRIBUTION_SHARE = 0.5;

/**
 * Patience in rounds of this clock: an exchange ends every look, and says nothing of whom it cut off.
 * @param slowdown how many times slower than usual the chain goes (pace.ts)
 */
export function patienceIn(
  { blockMs, blocksPerRound, outcome, roster }: Consensus['clock'],
  slowdown: number,
): Patience {
  const looksMs = (blocksPerRound - outcome + roster) * blockMs * slowdown;
  return {
    behindMs: Math.min(KEPT_WAITING_MS, BEHIND_SHARE * looksMs),
    contributionMs: Math.min(CONTRIBUTION_LIMIT_MS, CONTRIBUTION_SHARE * looksMs),
  };
}

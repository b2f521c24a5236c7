import type { ChainView, RoundView } from '../../src-shared/contract/page/runs.ts';

/** So many block times without a new finalized block, and what the page shows is old. */
const STALE_BLOCKS = 10;
/** A fast practice chain must not look stale because the machine was busy for a moment. */
const STALE_MIN_MS = 15_000;

/**
 * Milliseconds until a block is final. The time since the last final one is taken off, but never more than one
 * block: a late block does not make the countdown lie.
 */
export function msUntilBlock(chain: ChainView, block: number, nowMs: number): number {
  const sinceBlock = Math.min(chain.blockMs, Math.max(0, nowMs - chain.finalizedAtMs));
  return Math.max(0, (block - chain.finalizedBlock) * chain.blockMs - sinceBlock);
}

/** The first block of the next round. */
export const nextRoundBlock = (chain: ChainView, round: RoundView): number =>
  chain.finalizedBlock + round.blocksPerRound - round.blockInRound;

/** Whether the chain is gone, or has finalized nothing for longer than is normal. */
export const isSilent = ({ connected, finalizedAtMs, blockMs }: ChainView, nowMs: number): boolean =>
  !connected || nowMs - finalizedAtMs > Math.max(STALE_MIN_MS, STALE_BLOCKS * blockMs);

import type { ChainView } from '../../src-shared/contract/page/runs.ts';
import type { BlockTimer } from '../network/block-timer.ts';
import type { BlockRef } from '../network/chain.ts';

/** @returns null before the first finalized block, and before the block time is known. */
export function chainView(
  chain: {
    readonly endpoint: string;
    readonly head: BlockRef | null;
    readonly finalized: BlockRef | null;
    readonly connected: boolean;
    readonly silentSinceMs: number | null;
  },
  timer: BlockTimer,
): ChainView | null {
  const { head, finalized, endpoint, connected, silentSinceMs } = chain;
  const { blockMs } = timer;
  if (!head || !finalized || blockMs === null) return null;
  return {
    endpoint,
    block: head.number,
    finalizedBlock: finalized.number,
    finalizedAtMs: finalized.seenAtMs,
    blockMs,
    connected,
    silentSinceMs,
  };
}

import type { ChainView } from '../../src-shared/contract/page/runs.ts';
import type { BlockRef } from '../network/chain.ts';

/** Blocks whose arrival times give the block time shown. */
const BLOCKS_TIMED = 10;

/** Block time as seen: mean distance of the last heads. */
export class BlockTimer {
  #seen: readonly { readonly number: number; readonly atMs: number }[] = [];

  /** @param atMs when it came, monotonic: people set their clocks */
  note({ number }: BlockRef, atMs: number = performance.now()): void {
    if (number <= (this.#seen.at(-1)?.number ?? -1)) return;
    this.#seen = [...this.#seen, { number, atMs }].slice(-BLOCKS_TIMED);
  }

  /** null before two blocks were seen. */
  get blockMs(): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.number === first.number) return null;
    return (last.atMs - first.atMs) / (last.number - first.number);
  }
}

/** @returns null before the first finalized block, and before the block time is known. */
export function chainView(
  chain: { endpoint: string; head: BlockRef | null; finalized: BlockRef | null; connected: boolean },
  timer: BlockTimer,
): ChainView | null {
  const { head, finalized, endpoint, connected } = chain;
  const { blockMs } = timer;
  if (!head || !finalized || blockMs === null) return null;
  return {
    endpoint,
    block: head.number,
    finalizedBlock: finalized.number,
    finalizedAtMs: finalized.seenAtMs,
    blockMs,
    connected,
  };
}

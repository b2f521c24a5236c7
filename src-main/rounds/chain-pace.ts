/** Blocks whose arrivals give the pace: the last sixteen finalized ones (ROUNDS section 5). */
const BLOCKS_TIMED = 16;

interface Arrival {
  readonly block: number;
  readonly atMs: number;
}

/** The pace of the chain by its finalized blocks, on the monotonic clock. */
export class ChainPace {
  #seen: readonly Arrival[] = [];

  note(block: number, atMs: number): void {
    const last = this.#seen.at(-1);
    if (last && block <= last.block) return;
    // After a gap in the chain's news blocks arrive all at once: their distance says nothing.
    const fresh = last && atMs === last.atMs ? this.#seen.slice(0, -1) : this.#seen;
    this.#seen = [...fresh, { block, atMs }].slice(-BLOCKS_TIMED);
  }

  /** Mean time between two blocks; null before two were seen. */
  get blockMs(): number | null {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.block === first.block) return null;
    return (last.atMs - first.atMs) / (last.block - first.block);
  }
}

/**
 * The chain's time, carried on by the monotonic clock between the blocks that told it. What people agree on by date
 * (from when to when a binding counts) is read from this: a computer's own clock may be set wrong, or be set back
 * while we run.
 */
export class ChainClock {
  #offsetMs: number | null = null;

  /** @param unixMs the newest finalized block's own statement, in ms since 1970 */
  set(unixMs: number): void {
    this.#offsetMs = unixMs - performance.now();
  }

  /** Milliseconds since 1970; null until a block told. Stands still with the machine: it has to be set now and then. */
  nowMs(): number | null {
    return this.#offsetMs === null ? null : this.#offsetMs + performance.now();
  }
}

/** Blocks whose arrival times give the block time. */
const BLOCKS_TIMED = 10;

/** Block time as seen: mean distance of the last heads. */
export class BlockTimer {
  #seen: readonly { readonly number: number; readonly atMs: number }[] = [];

  /** @param atMs when it came, monotonic: people set their clocks */
  note({ number }: { readonly number: number }, atMs: number = performance.now()): void {
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

/**
 * One at a time, in the order of asking. The engine is such a thing: inner steps, rebases, recomputations and
 * evaluations take turns on it, so a call waits for one inner step at most.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Somebody has it, or waits for it. */
  get isTaken(): boolean {
    return this.#waiting > 0;
  }

  /** Runs `work` when all who asked before are done. An abort while waiting rejects without running it. */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#waiting += 1;
    const before = this.#last;
    let done = () => {};
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      signal?.throwIfAborted();
      return await work();
    } finally {
      this.#waiting -= 1;
      done();
    }
  }
}

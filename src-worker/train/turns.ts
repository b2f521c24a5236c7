/**
 * One at a time, in the order of asking. The engine is such a thing: inner steps, rebases, recomputations and
 * evaluations take turns on it, so a call waits for one inner step at most.
 */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `work` when all who asked before are done. An abort while waiting rejects without running it. */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
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
      done();
    }
  }
}

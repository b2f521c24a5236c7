/** Lets one loop sleep until something it waits for may have changed, or until a time has passed. */
export class Wakeup {
  #pending = false;
  #resolve: (() => void) | null = null;

  notify(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Returns at once when notified since the last wait. @returns whether it was notified; false when the time passed */
  async wait(limitMs: number): Promise<boolean> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#resolve = null;
    }
    const wasNotified = this.#pending;
    this.#pending = false;
    return wasNotified;
  }
}

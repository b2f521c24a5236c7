/** Lets the loop wait for a condition without asking again and again: whoever changes something says so. */
export class Gate {
  #wake: () => void = () => {};
  #changed: Promise<void> = Promise.resolve();

  constructor() {
    this.#renew();
  }

  /** Something that a condition may depend on is different now. */
  changed(): void {
    this.#wake();
    this.#renew();
  }

  /** @returns false when the signal aborted first. The limit of this wait is the process's life: it is rest. */
  async until(isOpen: () => boolean, signal: AbortSignal): Promise<boolean> {
    const wake = () => this.changed();
    signal.addEventListener('abort', wake, { once: true });
    try {
      while (!signal.aborted && !isOpen()) await this.#changed;
      return !signal.aborted;
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  #renew(): void {
    this.#changed = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

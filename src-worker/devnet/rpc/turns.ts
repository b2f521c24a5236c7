import { TURN_MS } from '../limits.ts';

/** Work that is done in small steps. */
export interface Stepwise {
  /** Does one step. @returns whether more is waiting. */
  step(): boolean;
}

/**
 * Shares the process among connections: one step of each in turn, and after every slice the event loop has its say,
 * so that neither a block nor another client waits for what one client sends.
 */
export class Turns {
  readonly #waiting = new Set<Stepwise>();
  #scheduled = false;

  /** Lets this one take part until it has no step left; once is enough however often it is asked. */
  add(worker: Stepwise): void {
    this.#waiting.add(worker);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#slice());
  }

  drop(worker: Stepwise): void {
    this.#waiting.delete(worker);
  }

  #slice(): void {
    const until = performance.now() + TURN_MS;
    // A set is walked in order of insertion, and what is put back stands at its end: a round robin.
    for (const worker of this.#waiting) {
      this.#waiting.delete(worker);
      if (worker.step()) this.#waiting.add(worker);
      if (performance.now() >= until) break;
    }
    this.#scheduled = this.#waiting.size > 0;
    if (this.#scheduled) setImmediate(() => this.#slice());
  }
}

import { setImmediate } from 'node:timers/promises';
import { SLICE_ELEMENTS } from './limits.ts';

/** Told how many elements were worked on in one go, each time before others have their turn. */
export type SliceWatch = (elements: number) => void;

const nobody: SliceWatch = () => {};

/**
 * Long work on vectors in portions, between which calls and heartbeats are answered: no loop over a whole model holds
 * the event loop. Whoever passes over elements does it here or counts them here.
 */
export class Slices {
  readonly #watch: SliceWatch;
  readonly #limit: number;
  #sinceYield = 0;

  constructor(watch: SliceWatch = nobody, limit = SLICE_ELEMENTS) {
    this.#watch = watch;
    this.#limit = limit;
  }

  /** `work` on all of [0, length), a slice at a time. */
  async each(length: number, work: (from: number, to: number) => void): Promise<void> {
    for (let from = 0; from < length; ) {
      // What was done since the last turn of the loop counts towards the slice.
      const to = Math.min(from + this.#limit - this.#sinceYield, length);
      work(from, to);
      await this.worked(to - from);
      from = to;
    }
  }

  /** So many elements were worked on since the last call; lets others have their turn once they make a slice. */
  async worked(elements: number): Promise<void> {
    this.#sinceYield += elements;
    if (this.#sinceYield >= this.#limit) await this.#yield();
  }

  async #yield(): Promise<void> {
    this.#watch(this.#sinceYield);
    this.#sinceYield = 0;
    await setImmediate();
  }
}

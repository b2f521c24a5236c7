/** What a dispatch asks of a card. How long it takes follows from both: most kernels are bound by one of them. */
export interface Work {
  /** Floating-point operations. */
  readonly operations: number;
  /** Bytes that go to or from its memory at least: each number once, however often caches are asked for it. */
  readonly bytes: number;
}

/** Done in a millisecond before anything was measured: that of a slow software adapter. */
const FIRST = { operations: 1e6, bytes: 1e5 } as const;

/** What a device does in a millisecond, as far as it was seen. */
export class Speeds {
  #operations: number = FIRST.operations;
  #bytes: number = FIRST.bytes;

  /** How long some work should take, in ms. */
  ms({ operations, bytes }: Work): number {
    return operations / this.#operations + bytes / this.#bytes;
  }

  /** All takes so many times as long as was thought. */
  scale(factor: number): void {
    this.#operations /= factor;
    this.#bytes /= factor;
  }

  /**
   * This work took so many times as long as was thought: each speed answers for its part of what was predicted, so that
   * a step of the optimizer says little of how long a product takes. Near 1 the work is then predicted rightly.
   */
  blame(work: Work, factor: number): void {
    const part = work.operations / this.#operations / this.ms(work);
    const both = part ** 2 + (1 - part) ** 2;
    this.#operations /= factor ** (part / both);
    this.#bytes /= factor ** ((1 - part) / both);
  }
}

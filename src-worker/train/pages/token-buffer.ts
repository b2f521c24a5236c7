/** Tokens that are appended to, in memory that grows by doubling. */
export class TokenBuffer {
  #tokens: Uint16Array;
  #length = 0;

  constructor(capacity = 1_024) {
    this.#tokens = new Uint16Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Takes back what was appended since it was so long. */
  set length(length: number) {
    if (!(length >= 0 && length <= this.#length)) throw new RangeError(`${length} of ${this.#length} tokens`);
    this.#length = length;
  }

  push(token: number): void {
    this.#grow(1);
    this.#tokens[this.#length++] = token;
  }

  pushAll(tokens: ArrayLike<number>): void {
    this.#grow(tokens.length);
    for (let i = 0; i < tokens.length; i += 1) this.#tokens[this.#length++] = tokens[i]!;
  }

  /** What is in it, until the next change. */
  view(): Uint16Array {
    return this.#tokens.subarray(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#tokens.length) return;
    const larger = new Uint16Array(Math.max(2 * this.#tokens.length, this.#length + by));
    larger.set(this.view());
    this.#tokens = larger;
  }
}

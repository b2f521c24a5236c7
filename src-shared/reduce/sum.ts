/**
 * The sum of one chunk. Values are multiples of 2^-u below 2^(34-u), weights at most 127, members at most 64, clips
 * at least 2^-6: 34 + 7 + 6 + 6 = 53 bits, so float64 holds every partial sum exactly, in whatever order they come.
 */
export class ChunkSum {
  readonly #sum: Float64Array;
  #divisor = 0;

  constructor(elements: number) {
    this.#sum = new Float64Array(elements);
  }

  /** Values of the chunk. */
  get length(): number {
    return this.#sum.length;
  }

  /** Sum of the contributors' weights so far. */
  get divisor(): number {
    return this.#divisor;
  }

  /**
   * @param values decoded, in float64
   * @param weight 1..127
   * @param clipExponent 0..6: values count 2^-clipExponent of themselves; the weight in the divisor stays whole
   */
  add(values: Float64Array, weight: number, clipExponent: number): void {
    if (values.length !== this.#sum.length) throw new RangeError('chunk of another length');
    const factor = weight * 2 ** -clipExponent;
    const sum = this.#sum;
    for (let i = 0; i < sum.length; i++) sum[i]! += values[i]! * factor;
    this.#divisor += weight;
  }

  /** For another chunk of the same length: half a megabyte is much to make anew for each. */
  clear(): void {
    this.#sum.fill(0);
    this.#divisor = 0;
  }

  /** The mean as the run's results are written: `encode` divides in float64 and rounds once. */
  result(encode: (sum: Float64Array, divisor: number) => Uint8Array): Uint8Array {
    if (this.#divisor === 0) throw new RangeError('nothing was added');
    return encode(this.#sum, this.#divisor);
  }
}

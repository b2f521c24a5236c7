import type { CodecSettings } from './fp16.ts';

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

  /**
   * Sum over divisor in float64, then straight to fp16: by way of float32 some values would differ.
   * @returns fp16 of mean * 2^fp16Shift, little endian
   */
  result({ fp16Shift }: CodecSettings): Uint8Array {
    if (this.#divisor === 0) throw new RangeError('nothing was added');
    const scale = 2 ** fp16Shift;
    const rounded = new Float16Array(this.#sum.length);
    // A Float16Array rounds as Math.f16round does.
    for (let i = 0; i < rounded.length; i++) rounded[i] = (this.#sum[i]! / this.#divisor) * scale;
    return new Uint8Array(rounded.buffer);
  }
}

import { sha256 } from '@noble/hashes/sha2.js';
import type { ParameterTensor } from '../../../src-shared/model/layout.ts';
import { SKETCH_PROJECTIONS } from '../../../src-shared/scoring/gradient.ts';

/** Elements whose random bits are drawn at once: they and the gradient's part stay in the first cache. */
const BLOCK = 2_048;

/** Elements of one portion: sixteen projections of each take about 5 ms. */
export const SKETCH_PORTION = 32 * BLOCK;

/**
 * A gradient in 32 numbers: the sum of absolute values of each tensor, then `SKETCH_PROJECTIONS` sums of the
 * whole gradient with random signs, divided by the root of their number, so that the distance of two such
 * sketches estimates the distance of the gradients. Signs follow from `seed` by integer arithmetic. Sums are
 * float64 in one order: equal gradients have equal sketches, in whatever portions they come.
 */
export class Sketch {
  readonly #layout: readonly ParameterTensor[];
  readonly #values: Float64Array;
  readonly #projections: Float64Array;
  readonly #keys: readonly [number, number];
  readonly #signs = new Uint32Array(BLOCK);

  constructor(layout: readonly ParameterTensor[], seed: Uint8Array) {
    this.#layout = layout;
    this.#values = new Float64Array(layout.length + SKETCH_PROJECTIONS);
    this.#projections = this.#values.subarray(layout.length);
    const keys = new DataView(sha256(seed).buffer);
    this.#keys = [keys.getUint32(0, true), keys.getUint32(4, true)];
  }

  /** The gradient's elements from `offset` on. Portions come in order, each but the last of whole blocks. */
  add(portion: Float32Array, offset: number): void {
    this.#addSums(portion, offset);
    const [keyA, keyB] = this.#keys;
    for (let start = 0; start < portion.length; start += BLOCK) {
      const block = portion.subarray(start, start + BLOCK);
      for (let i = 0; i < block.length; i++) this.#signs[i] = mix(mix((offset + start + i) ^ keyA) + keyB);
      addProjections(this.#projections, block, this.#signs);
    }
  }

  /** The sketch of all that was added. */
  finish(): Float64Array {
    const sketch = this.#values.slice();
    for (let k = this.#layout.length; k < sketch.length; k++) sketch[k]! /= Math.sqrt(SKETCH_PROJECTIONS);
    return sketch;
  }

  #addSums(portion: Float32Array, offset: number): void {
    this.#layout.forEach((tensor, index) => {
      const from = Math.max(tensor.offset, offset);
      const to = Math.min(tensor.offset + tensor.length, offset + portion.length);
      let sum = this.#values[index]!;
      for (let i = from; i < to; i++) sum += Math.abs(portion[i - offset]!);
      this.#values[index] = sum;
    });
  }
}

/** The sketch of a gradient that is at hand whole. */
export function sketchGradient(
  gradient: Float32Array,
  layout: readonly ParameterTensor[],
  seed: Uint8Array,
): Float64Array {
  const sketch = new Sketch(layout, seed);
  sketch.add(gradient, 0);
  return sketch.finish();
}

/** Bit k of an element's word is its sign in projection k. */
function addProjections(projections: Float64Array, block: Float32Array, signs: Uint32Array): void {
  for (let k = 0; k < projections.length; k++) {
    let sum = 0;
    for (let i = 0; i < block.length; i++) sum += block[i]! * (1 - 2 * ((signs[i]! >>> k) & 1));
    projections[k]! += sum;
  }
}

/** A bijection of 32-bit numbers that spreads every bit (the finaliser of MurmurHash3). */
function mix(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

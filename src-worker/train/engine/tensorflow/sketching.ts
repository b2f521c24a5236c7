import type { ParameterTensor } from '../../../../src-shared/model/layout.ts';
import { instantiateKernels, type Kernels } from '../cpu/kernels.ts';
import { chooseKernels } from '../cpu/variants.ts';
import {
  SKETCH_PART,
  SKETCH_SUMS,
  type SketchPart,
  sketchKeys,
  sketchOfSums,
  sketchParts,
} from '../sketch.ts';
import type { PieceVector } from './piece-vector.ts';

/** What the kernels' module asks for at least; a part of a gradient and its sums lie behind the module's own words. */
const PAGES = 64;
const PAGE_BYTES = 65_536;
const PART_AT = (PAGES * PAGE_BYTES) / 2;
const SUMS_AT = PART_AT + 4 * SKETCH_PART;

/**
 * Sketches of a gradient that lies in TensorFlow: it knows no operations on bits, which signs are made with, so parts are
 * read out and summed by the processor's kernel.
 */
export class Sketching {
  readonly #layout: readonly ParameterTensor[];
  readonly #parts: readonly SketchPart[];
  readonly #kernels: Kernels;
  readonly #part: Float32Array;
  readonly #sums: Float64Array;

  private constructor(layout: readonly ParameterTensor[], module: WebAssembly.Module) {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: true });
    this.#layout = layout;
    this.#parts = sketchParts(layout);
    this.#kernels = instantiateKernels(module, memory);
    this.#part = new Float32Array(memory.buffer, PART_AT, SKETCH_PART);
    this.#sums = new Float64Array(memory.buffer, SUMS_AT, SKETCH_SUMS);
  }

  /** @throws {AppError} ENGINE_UNAVAILABLE when the kernels cannot be had */
  static async open(layout: readonly ParameterTensor[]): Promise<Sketching> {
    const { module } = await chooseKernels();
    return new Sketching(layout, module);
  }

  async take(gradient: PieceVector, seed: Uint8Array): Promise<number[]> {
    const [keyA, keyB] = sketchKeys(seed);
    const sums = new Float64Array(this.#parts.length * SKETCH_SUMS);
    for (const [index, { offset, length }] of this.#parts.entries()) {
      await gradient.read(this.#part.subarray(0, length), offset);
      this.#kernels.sketchSums(PART_AT, length, offset, keyA, keyB, SUMS_AT);
      sums.set(this.#sums, index * SKETCH_SUMS);
    }
    return sketchOfSums(this.#layout, this.#parts, sums);
  }
}

import { Arena } from '../arena.ts';
import type { GpuDevice } from '../device.ts';
import type { Op, Pipelines } from '../pipelines.ts';
import { Queue } from '../queue.ts';
import type { View } from '../tally.ts';
import { BYTES, type Format } from '../wgsl/format.ts';
import { gemm, gemmGroups, type Tiling } from '../wgsl/gemm.ts';
import { PARAMS_BYTES } from '../wgsl/kernel.ts';
import type { Measured } from './products.ts';
import { Stopwatch } from './stopwatch.ts';

/** Sums of thousands of products in another order differ by a millionth of the largest; a wrong tile by all of it. */
const APART_MOST = 1e-4;
/** Random numbers that operands are filled with over and over; a prime number, so that no two rows are alike. */
const RANDOM = 65_521;

interface Operands {
  readonly params: View;
  readonly a: View;
  readonly b: View;
  readonly c: View;
}

/** Products on random numbers, each of which must come to what the plainest kernel says before its time counts. */
export class Bench {
  readonly #arena: Arena;
  readonly #operands: Operands;
  readonly #queue: Queue;
  readonly #pipelines: Pipelines;
  readonly #stopwatch: Stopwatch;

  private constructor(gpu: GpuDevice, pipelines: Pipelines, arena: Arena, operands: Operands) {
    this.#arena = arena;
    this.#operands = operands;
    this.#queue = new Queue(gpu);
    this.#pipelines = pipelines;
    this.#stopwatch = new Stopwatch(gpu, arena);
  }

  static async open(gpu: GpuDevice, pipelines: Pipelines, measured: readonly Measured[]): Promise<Bench> {
    const factors = measured[0]!.shape.factors;
    const most = (of: (one: Measured) => number) => Math.max(...measured.map(of));
    const sizes = { a: most((one) => extents(one).a), b: most((one) => extents(one).b) };
    const words = (elements: number) => Math.ceil((elements * BYTES[factors]) / 4);
    const { arena, built } = await Arena.build(gpu, (taker) => ({
      params: taker.uniforms(PARAMS_BYTES),
      a: taker.floats(words(sizes.a), 'scratch'),
      b: taker.floats(words(sizes.b), 'scratch'),
      c: taker.floats(
        most((one) => extents(one).c),
        'scratch',
      ),
    }));
    const bench = new Bench(gpu, pipelines, arena, built);
    bench.#fill(built.a, sizes.a, factors, 1);
    bench.#fill(built.b, sizes.b, factors, 2);
    return bench;
  }

  /** What a product comes to with a tiling. */
  async result(one: Measured, tiling: Tiling): Promise<Float32Array> {
    this.#place(one);
    await this.#queue.clear([this.#operands.c]);
    await this.#queue.run([await this.#op(one, tiling)], one.rows);
    return this.#queue.read(this.#arena, this.#operands.c, extents(one).c);
  }

  /** @returns ms of a product that comes to `expected`; null where it comes to something else */
  async time(one: Measured, tiling: Tiling, expected: Float32Array): Promise<number | null> {
    const found = await this.result(one, tiling);
    if (!isSame(found, expected)) return null;
    return this.#stopwatch.time(await this.#op(one, tiling), one.rows);
  }

  dispose(): void {
    this.#stopwatch.dispose();
    this.#arena.dispose();
  }

  #place({ rows }: Measured): void {
    const words = new Uint32Array(PARAMS_BYTES / 4);
    words[0] = rows;
    this.#queue.write32(this.#arena, this.#operands.params, words);
  }

  async #op({ shape }: Measured, tiling: Tiling): Promise<Op> {
    const { params, a, b, c } = this.#operands;
    const plan = {
      kernel: gemm(shape, tiling),
      views: [params, a, b, c],
      groups: (rows: number) => gemmGroups(shape, tiling, shape.m === 'rows' ? rows : shape.m),
      work: () => 1,
    };
    const [op] = await this.#pipelines.ops([plan]);
    return op!;
  }

  #fill(view: View, elements: number, format: Format, seed: number): void {
    const numbers = Float32Array.from({ length: RANDOM }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) / 2);
    const whole = Float32Array.from({ length: elements }, (_, i) => numbers[i % RANDOM]!);
    const words = format === 'f32' ? whole : new Uint32Array(Float16Array.from(evenly(whole)).buffer);
    this.#queue.write32(this.#arena, view, words);
  }
}

/** As many numbers as fill words of two. */
const evenly = (numbers: Float32Array): Float32Array =>
  numbers.length % 2 === 0 ? numbers : Float32Array.of(...numbers, 0);

/** Elements of A, B and C. */
function extents({ shape: { m, n, k }, rows }: Measured): { a: number; b: number; c: number } {
  const [high, deep] = [m === 'rows' ? rows : m, k === 'rows' ? rows : k];
  return { a: high * deep, b: deep * n, c: high * n };
}

function isSame(found: Float32Array, expected: Float32Array): boolean {
  let apart = 0;
  let size = 0;
  for (let i = 0; i < found.length; i += 1) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= apart)) apart = difference;
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return size > 0 && apart <= APART_MOST * size;
}

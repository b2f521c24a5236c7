import { setImmediate } from 'node:timers/promises';
import { distance } from '../../distance.ts';
import { SLICE_MS } from '../../limits.ts';
import type { Throttle } from '../../throttle.ts';
import { Arena } from '../arena.ts';
import type { GpuDevice } from '../device.ts';
import { within } from '../memory.ts';
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
/** What others are checked against. */
export const PLAINEST: Tiling = { family: 'G0' };
/** Rows of a first measurement, which says how many a device can be asked for: below a slice on all but the slowest. */
const FEWEST_ROWS = 64;

interface Operands {
  readonly params: View;
  readonly a: View;
  readonly b: View;
  readonly c: View;
}

/** A product cut to what the device does in a slice at its slowest, and what it comes to. */
export interface RightResult {
  readonly one: Measured;
  readonly expected: Float32Array;
}

/** A device, what is compiled for it, and how hard it may work. */
interface BenchParts {
  readonly gpu: GpuDevice;
  readonly pipelines: Pipelines;
  readonly throttle?: Throttle;
}

/** Products on random numbers, each of which must come to what the plainest kernel says before its time counts. */
export class Bench {
  readonly #arena: Arena;
  readonly #operands: Operands;
  readonly #queue: Queue;
  readonly #pipelines: Pipelines;
  readonly #stopwatch: Stopwatch;

  private constructor({ gpu, pipelines, throttle }: BenchParts, arena: Arena, operands: Operands) {
    this.#arena = arena;
    this.#operands = operands;
    this.#queue = new Queue(gpu, throttle);
    this.#pipelines = pipelines;
    this.#stopwatch = new Stopwatch(gpu, arena, throttle);
  }

  static async open(parts: BenchParts, measured: readonly Measured[]): Promise<Bench> {
    const factors = measured[0]!.shape.factors;
    const most = (of: (one: Measured) => number) => Math.max(...measured.map(of));
    const sizes = { a: most((one) => extents(one).a), b: most((one) => extents(one).b) };
    const words = (elements: number) => Math.ceil((elements * BYTES[factors]) / 4);
    const { arena, built } = await Arena.build(parts.gpu, (taker) => ({
      params: taker.uniforms(PARAMS_BYTES),
      a: taker.floats(words(sizes.a), 'scratch'),
      b: taker.floats(words(sizes.b), 'scratch'),
      c: taker.floats(
        most((one) => extents(one).c),
        'scratch',
      ),
    }));
    const bench = new Bench(parts, arena, built);
    await bench.#fill(built.a, factors, 1);
    await bench.#fill(built.b, factors, 2);
    return bench;
  }

  /** What a product comes to with the plainest tiling, of as many rows as that one does in a slice. */
  async right(one: Measured): Promise<RightResult> {
    const few = { ...one, rows: Math.min(one.rows, FEWEST_ROWS) };
    const fewMs = await this.#time(few, PLAINEST);
    const rows = FEWEST_ROWS * Math.max(1, Math.floor(SLICE_MS / fewMs));
    const cut = { ...one, rows: Math.min(one.rows, rows) };
    return { one: cut, expected: await this.#result(cut, PLAINEST) };
  }

  /** @returns GFLOP/s of a product that comes to what is right; null where it comes to something else */
  async speed({ one, expected }: RightResult, tiling: Tiling): Promise<number | null> {
    const found = await this.#result(one, tiling);
    if (!(distance(found, expected) <= APART_MOST)) return null;
    return operations(one) / 1e6 / (await this.#time(one, tiling));
  }

  async #result(one: Measured, tiling: Tiling): Promise<Float32Array> {
    this.#place(one);
    this.#queue.clear([this.#operands.c]);
    await this.#queue.run([await this.#op(one, tiling)], one.rows);
    return this.#queue.read(this.#arena, this.#operands.c, extents(one).c);
  }

  async #time(one: Measured, tiling: Tiling): Promise<number> {
    this.#place(one);
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

  async #op(measured: Measured, tiling: Tiling): Promise<Op> {
    const { shape } = measured;
    const { params, a, b, c } = this.#operands;
    const plan = {
      kernel: gemm(shape, tiling),
      views: [params, a, b, c],
      groups: (rows: number) => gemmGroups(shape, tiling, shape.m === 'rows' ? rows : shape.m),
      work: () => ({ operations: operations(measured), bytes: bytes(measured) }),
    };
    const [op] = await this.#pipelines.ops([plan]);
    return op!;
  }

  /** In portions: others on this event loop have their turn in between. */
  async #fill(view: View, format: Format, seed: number): Promise<void> {
    const numbers = Float32Array.from(
      { length: 2 * RANDOM },
      (_, i) => Math.sin(12.9898 * ((i % RANDOM) + 1) * seed) / 2,
    );
    const words = format === 'f32' ? numbers : new Uint32Array(Float16Array.from(numbers).buffer);
    for (let at = 0; at < view.size; at += words.byteLength) {
      const portion = words.subarray(0, (view.size - at) / 4);
      this.#queue.write32(this.#arena, within(view, at, portion.byteLength), portion);
      await setImmediate();
    }
  }
}

/** Elements of A, B and C. */
function extents({ shape: { m, n, k }, rows }: Measured): { a: number; b: number; c: number } {
  const [high, deep] = [m === 'rows' ? rows : m, k === 'rows' ? rows : k];
  return { a: high * deep, b: deep * n, c: high * n };
}

/** Floating-point operations of a product. */
function operations({ shape: { m, n, k }, rows }: Measured): number {
  return 2 * (m === 'rows' ? rows : m) * n * (k === 'rows' ? rows : k);
}

/** Bytes of a product that go over memory at least. */
function bytes(one: Measured): number {
  const { a, b, c } = extents(one);
  return BYTES[one.shape.factors] * (a + b) + BYTES[one.shape.result] * c;
}

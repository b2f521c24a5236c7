import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  instantiateKernels,
  type Kernels,
  type KernelVariant,
  kernelModule,
} from '../../../../src-worker/train/engine/cpu/kernels.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { runs } from '../../../runs.ts';
import { randomFrom } from './support.ts';

const RUNS = runs(30, 300);
const EPS = 2 ** -24;
const MEMORY_PAGES = 128;
/** Where the kernels' scratch lies; operands stand before it. */
const SCRATCH = 6 * 2 ** 20;

type Bench = { kernels: Kernels; floats: Float32Array };

async function open(variant: KernelVariant): Promise<Bench> {
  await buildKernels();
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true });
  const module = await kernelModule(variant);
  return { kernels: instantiateKernels(module!, memory), floats: new Float32Array(memory.buffer) };
}

describe.each(['simd', 'relaxed', 'wide'] as const)('kernels, %s', (variant) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open(variant);
  });

  /** Fills `length` floats at an element address with numbers in [-1, 1). */
  function fill(at: number, length: number, seed: number): Float32Array {
    const next = randomFrom(seed);
    for (let i = 0; i < length; i++) bench.floats[at + i] = 2 * next() - 1;
    return bench.floats.slice(at, at + length);
  }

  const size = fc.integer({ min: 1, max: 70 });
  const shape = fc.record({
    m: fc.oneof(size, fc.integer({ min: 120, max: 140 })),
    n: fc.oneof(size, fc.integer({ min: 505, max: 530 })),
    k: fc.oneof(size, fc.integer({ min: 250, max: 270 })),
    transA: fc.boolean(),
    transB: fc.boolean(),
    padding: fc.nat(3),
    starts: fc.constantFrom('zero', 'matrix', 'itself'),
    hasBias: fc.boolean(),
  });

  it('gemm agrees with float64 for every shape, order, start and bias', () => {
    fc.assert(
      fc.property(shape, ({ m, n, k, transA, transB, padding, starts, hasBias }) => {
        const [lda, ldb, ldc] = [(transA ? m : k) + padding, (transB ? k : n) + padding, n + padding];
        const [at, bt, ct, ft, biasT] = [1024, 200_000, 400_000, 600_000, 800_000];
        const a = fill(at, (transA ? k : m) * lda, 1);
        const b = fill(bt, (transB ? n : k) * ldb, 2);
        const c = fill(ct, m * ldc, 3);
        const f = fill(ft, m * ldc, 4);
        const bias = fill(biasT, n, 5);
        const from = { zero: 0, matrix: 4 * ft, itself: 4 * ct }[starts];
        bench.kernels.gemm(
          ...([4 * at, lda, Number(transA), 4 * bt, ldb, Number(transB), 4 * ct, ldc] as const),
          ...([from, hasBias ? 4 * biasT : 0, m, n, k, SCRATCH] as const),
        );
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            const start = { zero: 0, matrix: f[i * ldc + j]!, itself: c[i * ldc + j]! }[starts];
            let sum = start + (hasBias ? bias[j]! : 0);
            let scale = Math.abs(start) + (hasBias ? Math.abs(bias[j]!) : 0);
            for (let p = 0; p < k; p++) {
              const product = a[transA ? p * lda + i : i * lda + p]! * b[transB ? j * ldb + p : p * ldb + j]!;
              sum += product;
              scale += Math.abs(product);
            }
            const error = Math.abs(bench.floats[ct + i * ldc + j]! - sum);
            if (error > 4 * EPS * Math.sqrt(k + 2) * scale) expect.fail(`${error} at ${i},${j}`);
          }
          for (let j = n; j < ldc; j++) expect(bench.floats[ct + i * ldc + j]).toBe(c[i * ldc + j]);
        }
      }),
      { numRuns: RUNS },
    );
  });

  /** The probabilities' way back with maximum 0 and sum 1 is e^x alone. */
  function exponentials(values: Float32Array): Float32Array {
    const [at, one] = [1024, 512];
    bench.floats.set(values, at);
    bench.floats.set([0, 1], one);
    bench.kernels.causalSoftmaxAgain(
      4 * at,
      values.length,
      1,
      values.length - 1,
      values.length,
      1,
      4 * one,
      4 * (one + 1),
    );
    return bench.floats.slice(at, at + values.length);
  }

  it('exp keeps its stated error over the whole range', () => {
    const xs = Float32Array.from({ length: 100_001 }, (_, i) => -87 + (i * 175) / 100_000);
    const worst = exponentials(xs).reduce(
      (top, e, i) => Math.max(top, Math.abs(e / Math.exp(xs[i]!) - 1)),
      0,
    );
    expect(worst).toBeLessThan(2.5e-7);
  });

  it('exp of numbers beyond the range stays finite', () => {
    const [low, high] = exponentials(Float32Array.of(-1e30, 1e30, 0));
    expect(low).toBeLessThan(1e-37);
    expect(high).toBeGreaterThan(1e37);
    expect(Number.isFinite(high)).toBe(true);
  });

  it('exp of what is no number is none, in a vector and behind the last', () => {
    const values = new Float32Array(9);
    values[3] = values[8] = Number.NaN;
    expect([...exponentials(values)].flatMap((e, i) => (Number.isNaN(e) ? [i] : []))).toEqual([3, 8]);
  });

  it('gelu and its slope agree with float64', () => {
    const xs = Float32Array.from({ length: 4000 }, (_, i) => (i - 2000) / 150);
    const [x, y] = [1024, 8192];
    bench.floats.set(xs, x);
    bench.kernels.gelu(4 * x, 4 * y, xs.length);
    const u = (v: number) => Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3);
    xs.forEach((v, i) => {
      expect(Math.abs(bench.floats[y + i]! - 0.5 * v * (1 + Math.tanh(u(v))))).toBeLessThan(
        1e-6 * (1 + Math.abs(v)),
      );
    });
    bench.floats.fill(1, y, y + xs.length);
    bench.kernels.geluBackward(4 * x, 4 * y, xs.length);
    xs.forEach((v, i) => {
      const t = Math.tanh(u(v));
      const slope =
        0.5 * (1 + t) + 0.5 * v * (1 - t * t) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * v * v);
      expect(Math.abs(bench.floats[y + i]! - slope)).toBeLessThan(3e-6);
    });
  });

  it('sums squares of any length in float64', () => {
    for (const length of [1, 3, 4, 7, 1001]) {
      const x = fill(1024, length, length);
      const expected = x.reduce((sum, value) => sum + value * value, 0);
      expect(bench.kernels.sumOfSquares(4096, length)).toBeCloseTo(expected, 12);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Arena } from '../../../../src-worker/train/engine/gpu/arena.ts';
import { type GpuDevice, openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { Queue } from '../../../../src-worker/train/engine/gpu/queue.ts';
import {
  type Form,
  type GemmShape,
  gemm,
  gemmGroups,
} from '../../../../src-worker/train/engine/gpu/wgsl/gemm.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';
import { randomFrom } from './support.ts';

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`The products of a graphics card are not tested: ${lacking}.`);

/** Two tiles high and wide, none of them full, and a sum that ends within a step. */
const [M, N, K] = [68, 84, 52] as const;
const ROWS = 67;

/** One of each way to lie, with other epilogues than the model's first shapes have. */
const SHAPES: Readonly<Record<Form, GemmShape>> = {
  NT: { form: 'NT', epilogue: 'residual', m: 'rows', n: N, k: K, lda: K, ldb: K, ldc: N },
  NN: { form: 'NN', epilogue: 'set', m: 'rows', n: N, k: K, lda: K + 8, ldb: N, ldc: N },
  TN: { form: 'TN', epilogue: 'add', m: M, n: N, k: 'rows', lda: M, ldb: N, ldc: N },
};

const numbers = (seed: number, count: number) => {
  const next = randomFrom(seed);
  return Float32Array.from({ length: count }, () => next() - 0.5);
};

/** What a shape asks for, in float64. */
function product(
  { form, epilogue, m, k, lda, ldb, ldc }: GemmShape,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  bias: Float32Array,
  from: Float32Array,
) {
  const [rows, depth] = [m === 'rows' ? ROWS : m, k === 'rows' ? ROWS : k];
  const out = Float64Array.from(c);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < N; j++) {
      let sum =
        epilogue === 'residual' ? bias[j]! + from[i * ldc + j]! : epilogue === 'add' ? c[i * ldc + j]! : 0;
      for (let p = 0; p < depth; p++) {
        const x = form === 'TN' ? a[p * lda + i]! : a[i * lda + p]!;
        sum += x * (form === 'NT' ? b[j * ldb + p]! : b[p * ldb + j]!);
      }
      out[i * ldc + j] = sum;
    }
  return out;
}

describe.skipIf(lacking !== null)('products on a graphics card', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openDevice({ flags: ['backend=vulkan'] });
  });
  afterAll(() => gpu.dispose());

  it.each(['G0', 'G1'].flatMap((family) => Object.keys(SHAPES).map((form) => [family, form] as const)))(
    '%s, %s: agrees with float64, and writes nothing beside it',
    async (family, form) => {
      const shape = SHAPES[form as Form];
      const tiling = { family: family as 'G0' | 'G1' };
      const rows = 128;
      const values = [numbers(1, rows * 96), numbers(2, rows * 96), numbers(3, rows * N)] as const;
      const [bias, from] = [numbers(4, N), numbers(5, rows * N)];
      const { arena, built } = await Arena.build(gpu, (taken) => ({
        params: taken.uniforms(16),
        views: [...values, bias, from].map(({ length }) => taken.floats(length, 'scratch')),
      }));
      const queue = new Queue(gpu);
      queue.write32(arena, built.params, Uint32Array.of(ROWS, 1, 0, 0));
      for (const [i, data] of [...values, bias, from].entries()) queue.write32(arena, built.views[i]!, data);
      const kernel = gemm(shape, tiling);
      const groups = () => gemmGroups(shape, tiling, shape.m === 'rows' ? ROWS : shape.m);
      const views = [built.params, ...built.views].slice(0, kernel.access.length);
      const ops = await new Pipelines(gpu).ops([{ kernel, views, groups, work: () => 1 }]);
      await queue.run(ops, ROWS);
      const found = await queue.read(arena, built.views[2]!, rows * N);
      const expected = product(shape, ...values, bias, from);
      found.forEach((value, i) => {
        if (Math.abs(value - expected[i]!) > 1e-5)
          throw new Error(`element ${i}: ${value}, not ${expected[i]}`);
      });
      expect(found.some((value, i) => value !== values[2][i])).toBe(true);
      arena.dispose();
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Arena } from '../../../../src-worker/train/engine/gpu/arena.ts';
import { type GpuDevice, openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { Queue } from '../../../../src-worker/train/engine/gpu/queue.ts';
import {
  type GemmShape,
  gemm,
  gemmGroups,
  type Tiling,
  tilingName,
} from '../../../../src-worker/train/engine/gpu/wgsl/gemm.ts';
import { PARAMS_BYTES } from '../../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import type { Form } from '../../../../src-worker/train/engine/gpu/wgsl/products.ts';
import { matrixTiling } from '../../../../src-worker/train/engine/gpu/wgsl/subgroup-matrix.ts';
import {
  type WorkgroupTiling,
  workgroupTilings,
} from '../../../../src-worker/train/engine/gpu/wgsl/workgroup-tile.ts';
import { chooseHalfGpu, chooseSoftwareGpu, HALF_ADAPTER } from './software-gpu.ts';
import { randomFrom } from './support.ts';

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`The products of a graphics card are not tested: ${lacking}.`);
const lackingHalf = await chooseHalfGpu();
if (lackingHalf) console.warn(`Products with float16 are not tested: ${lackingHalf}.`);

/** Two tiles high and wide, none of them full, and a sum that ends within a step. */
const [M, N, K] = [68, 84, 52] as const;
const ROWS = 67;

type Plain = Omit<GemmShape, 'factors' | 'result'>;

/** One of each way to lie, with other epilogues than the model's first shapes have. */
const SHAPES: Readonly<Record<Form, Plain>> = {
  NT: { form: 'NT', epilogue: 'residual', m: 'rows', n: N, k: K, lda: K, ldb: K, ldc: N },
  NN: { form: 'NN', epilogue: 'set', m: 'rows', n: N, k: K, lda: K + 8, ldb: N, ldc: N },
  TN: { form: 'TN', epilogue: 'accumulate', m: M, n: N, k: 'rows', lda: M, ldb: N, ldc: N },
};
const [SHARE, DOWN] = [0.5, 0.25];

const numbers = (seed: number, count: number) => {
  const next = randomFrom(seed);
  return Float32Array.from({ length: count }, () => next() - 0.5);
};

interface Operands {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  readonly bias: Float32Array;
  readonly from: Float32Array;
}

const operands = (rows: number): Operands => ({
  a: numbers(1, rows * 96),
  b: numbers(2, rows * 96),
  c: numbers(3, rows * N),
  bias: numbers(4, N),
  from: numbers(5, rows * N),
});

/** What a shape asks for, in float64. */
function product({ form, epilogue, m, k, lda, ldb, ldc }: Plain, { a, b, c, bias, from }: Operands) {
  const [rows, depth] = [m === 'rows' ? ROWS : m, k === 'rows' ? ROWS : k];
  const out = Float64Array.from(c);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < N; j++) {
      let sum = 0;
      for (let p = 0; p < depth; p++) {
        const x = form === 'TN' ? a[p * lda + i]! : a[i * lda + p]!;
        sum += x * (form === 'NT' ? b[j * ldb + p]! : b[p * ldb + j]!);
      }
      const at = i * ldc + j;
      out[at] =
        { residual: sum + bias[j]! + from[at]!, accumulate: c[at]! + sum * SHARE * DOWN }[
          epilogue as string
        ] ?? sum;
    }
  return out;
}

/** A product of `shape` on the device, over buffers of which those of float16 have been rounded. */
async function onDevice(
  gpu: GpuDevice,
  shape: GemmShape,
  tiling: Tiling,
  given: Operands,
  rewritten: (code: string) => string = (code) => code,
) {
  const { a, b, c, bias, from } = given;
  const made = gemm(shape, tiling);
  const kernel = { ...made, code: rewritten(made.code) };
  const { arena, built } = await Arena.build(gpu, (taken) => ({
    params: taken.uniforms(PARAMS_BYTES),
    views: [a, b, c, bias, from].map(({ length }) => taken.floats(length, 'scratch')),
    overflow: taken.floats(1, 'scratch'),
  }));
  const queue = new Queue(gpu);
  const words = new Uint32Array(PARAMS_BYTES / 4);
  words.set([ROWS, 1, 0]);
  new Float32Array(words.buffer).set([1, SHARE, 1, DOWN], 3);
  queue.write32(arena, built.params, words);
  const formats = [shape.factors, shape.factors, shape.result, 'f32', 'f32'] as const;
  for (const [i, data] of [a, b, c, bias, from].entries())
    queue.write32(arena, built.views[i]!, formats[i] === 'f16' ? packed(data) : data);
  const hasFlag = kernel.access.at(-1) === 'flag';
  const bound = [built.params, ...built.views].slice(0, kernel.access.length - Number(hasFlag));
  const ops = await new Pipelines(gpu).ops([
    {
      kernel,
      views: hasFlag ? [...bound, built.overflow] : bound,
      groups: () => gemmGroups(shape, tiling, shape.m === 'rows' ? ROWS : shape.m),
      work: () => ({ operations: 1, bytes: 0 }),
    },
  ]);
  await queue.run(ops, ROWS);
  const found = await queue.read(arena, built.views[2]!, shape.result === 'f16' ? c.length / 2 : c.length);
  const [overflow] = new Uint32Array((await queue.read(arena, built.overflow, 1)).buffer);
  arena.dispose();
  return { found: shape.result === 'f16' ? unpacked(found) : found, overflow };
}

const packed = (data: Float32Array) => new Uint32Array(Float16Array.from(data).buffer);
const unpacked = (words: Float32Array) => Float32Array.from(new Float16Array(words.buffer));
const rounded = (data: Float32Array) => Float32Array.from(Float16Array.from(data));

function expectClose(found: Float32Array, expected: Float64Array, tolerance: number) {
  found.forEach((value, i) => {
    if (!(Math.abs(value - expected[i]!) <= tolerance))
      throw new Error(`element ${i}: ${value}, not ${expected[i]}`);
  });
}

/** Tiles with barriers are slow on a processor that plays a card: the smallest stands for all but in long tests. */
const tried = (tilings: readonly WorkgroupTiling[]) =>
  process.env.BUTTERFLY_LONG ? tilings : tilings.slice(-1);

const cases = (tilings: readonly Tiling[]) =>
  tilings.flatMap((tiling) =>
    Object.values(SHAPES).map((shape) => [tilingName(tiling), shape.form, tiling, shape] as const),
  );

describe.skipIf(lacking !== null)('products on a graphics card', () => {
  let gpu: GpuDevice;
  beforeAll(async () => {
    gpu = await openDevice({ flags: lackingHalf ? ['backend=vulkan'] : HALF_ADAPTER });
  });
  afterAll(() => gpu.dispose());

  it.each(cases([{ family: 'G0' }, ...tried(workgroupTilings('f32'))]))(
    '%s, %s: agrees with float64, and writes nothing beside it',
    async (_name, _form, tiling, plain) => {
      const given = operands(128);
      const { found } = await onDevice(gpu, { ...plain, factors: 'f32', result: 'f32' }, tiling, given);
      expectClose(found, product(plain, given), 1e-5);
      expect(found.some((value, i) => value !== given.c[i])).toBe(true);
    },
  );

  it.skipIf(lackingHalf !== null).each(cases([{ family: 'G0' }, ...tried(workgroupTilings('f16'))]))(
    '%s, %s, float16: the sum is as exact as of float32',
    async (_name, _form, tiling, plain) => {
      const given = operands(128);
      const { found } = await onDevice(gpu, { ...plain, factors: 'f16', result: 'f32' }, tiling, given);
      const expected = product(plain, { ...given, a: rounded(given.a), b: rounded(given.b) });
      expectClose(found, expected, 1e-5);
    },
  );

  it.skipIf(lackingHalf !== null)('stores float16 rounded, and flags what does not fit', async () => {
    const shape = { ...SHAPES.NN, factors: 'f16', result: 'f16' } as const;
    const given = operands(128);
    const halves = { ...given, a: rounded(given.a), b: rounded(given.b), c: rounded(given.c) };
    const calm = await onDevice(gpu, shape, { family: 'G0' }, given);
    expectClose(calm.found, product(shape, halves), 2 ** -11 * 8);
    expect(calm.overflow).toBe(0);
    for (const [value, stored] of [
      [6e4, 65_504],
      [-6e4, -65_504],
    ] as const) {
      given.a.fill(0);
      given.b.fill(0);
      given.a[0] = value;
      given.b[5] = 2;
      const { found, overflow } = await onDevice(gpu, shape, { family: 'G0' }, given);
      expect([found[5], overflow]).toEqual([stored, 1]);
    }
    given.a[0] = Number.NaN;
    expect((await onDevice(gpu, shape, { family: 'G0' }, given)).overflow).toBe(1);
  });

  // No software adapter has matrix units: each thread plays its whole subgroup.
  it.skipIf(lackingHalf !== null || !process.env.BUTTERFLY_LONG).each(Object.values(SHAPES))(
    'matrix units, played by threads, $form: agrees with float64',
    async (plain) => {
      const given = operands(128);
      const shape = { ...plain, factors: 'f16', result: 'f32' } as const;
      const { found } = await onDevice(gpu, shape, matrixTiling([16, 16, 16], 32), given, playMatrices);
      expectClose(found, product(plain, { ...given, a: rounded(given.a), b: rounded(given.b) }), 1e-5);
      expect(found.some((value, i) => value !== given.c[i])).toBe(true);
    },
    240_000,
  );
});

/** A shader of matrices of 16 x 16 and subgroups of 32 in plain WGSL. */
function playMatrices(code: string): string {
  const load = (tile: string, order: 'row_major' | 'col_major') => `
fn load${tile}_${order}(at: u32, stride: u32) -> array<f32, 256> {
  var matrix: array<f32, 256>;
  for (var r = 0u; r < 16u; r = r + 1u) {
    for (var c = 0u; c < 16u; c = c + 1u) {
      matrix[r * 16u + c] = f32(tile${tile}[at + ${order === 'row_major' ? 'r * stride + c' : 'c * stride + r'}]);
    }
  }
  return matrix;
}`;
  const played = `
fn multiplied(x: array<f32, 256>, y: array<f32, 256>, sum: array<f32, 256>) -> array<f32, 256> {
  var left = x;
  var right = y;
  var matrix = sum;
  for (var r = 0u; r < 16u; r = r + 1u) {
    for (var c = 0u; c < 16u; c = c + 1u) {
      for (var q = 0u; q < 16u; q = q + 1u) {
        matrix[r * 16u + c] = matrix[r * 16u + c] + left[r * 16u + q] * right[q * 16u + c];
      }
    }
  }
  return matrix;
}
fn stored(at: u32, sum: array<f32, 256>, stride: u32) {
  var matrix = sum;
  for (var r = 0u; r < 16u; r = r + 1u) {
    for (var c = 0u; c < 16u; c = c + 1u) { tileC[at + r * stride + c] = matrix[r * 16u + c]; }
  }
}`;
  const helpers = (['A', 'B'] as const)
    .flatMap((tile) => [load(tile, 'row_major'), load(tile, 'col_major')])
    .join('');
  return code
    .replace(/enable (subgroups|chromium_experimental_subgroup_matrix);\n/g, '')
    .replace(', @builtin(subgroup_id) unit: u32', '')
    .replace('let m = sizeM();', 'let unit = lane / 32u;\n  let m = sizeM();')
    .replace(/subgroup_matrix_result<f32, 16, 16>/g, 'array<f32, 256>')
    .replace(
      /subgroupMatrixLoad<subgroup_matrix_(?:left|right)<f16, 16, 16>, (\w+)>\(&tile([AB]), /g,
      'load$2_$1(',
    )
    .replace(/subgroupMatrixMultiplyAccumulate\(/g, 'multiplied(')
    .replace(/subgroupMatrixStore<row_major>\(&tileC, /g, 'stored(')
    .replace('@compute', `${helpers}${played}\n@compute`);
}

import { Arena } from '../../../src-worker/train/engine/gpu/arena.ts';
import type { GpuDevice } from '../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../src-worker/train/engine/gpu/pipelines.ts';
import { Bench } from '../../../src-worker/train/engine/gpu/tune/bench.ts';
import { Stopwatch } from '../../../src-worker/train/engine/gpu/tune/stopwatch.ts';
import type { Format } from '../../../src-worker/train/engine/gpu/wgsl/format.ts';
import {
  type GemmShape,
  gemm,
  gemmGroups,
  type Tiling,
  tilingName,
} from '../../../src-worker/train/engine/gpu/wgsl/gemm.ts';
import { PARAMS_BYTES } from '../../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import {
  isWhole,
  MATRIX_FEATURE,
  MATRIX_SHAPES,
  matrixTiling,
} from '../../../src-worker/train/engine/gpu/wgsl/subgroup-matrix.ts';
import { workgroupTilings } from '../../../src-worker/train/engine/gpu/wgsl/workgroup-tile.ts';
import { TUNING_REPEATS } from '../../../src-worker/train/engine/limits.ts';
import type { Row } from './rows.ts';

/** Inputs and outputs of the four layers of GPT-2 124M, 250M and 355M, which have 768 and 1,024 channels. */
const LAYERS = [768, 1024].flatMap((width) => [
  [width, 3 * width],
  [width, width],
  [width, 4 * width],
  [4 * width, width],
]) as readonly (readonly [number, number])[];
const FORMS = ['NT', 'NN', 'TN'] as const;

/** Every tiling on every product of training with so many tokens: forward, back to the inputs, and to the weights. */
export async function measureProducts(
  gpu: GpuDevice,
  tokens: number,
  told: (row: Row) => void,
): Promise<void> {
  const formats: readonly Format[] = gpu.device.features.has('shader-f16') ? ['f32', 'f16'] : ['f32'];
  for (const [inputs, outputs] of gpu.facts.isSoftware ? LAYERS.slice(1, 2) : LAYERS)
    for (const form of FORMS)
      for (const factors of formats)
        for (const tiling of tilingsOn(gpu, factors)) {
          const shape = shapeOf(form, { tokens, inputs, outputs }, factors);
          told(await measure(gpu, shape, tiling));
        }
}

/** Tiles on matrix units, of the matrices that the driver names: float16 that is summed up in float32. */
function matrixTilingsOn({ device }: GpuDevice): readonly Tiling[] {
  if (!device.features.has(MATRIX_FEATURE)) return [];
  const info = device.adapterInfo as MatrixInfo;
  const named = (info.subgroupMatrixConfigs ?? []).filter(
    ({ componentType, resultComponentType }) => componentType === 'f16' && resultComponentType === 'f32',
  );
  return MATRIX_SHAPES.filter(([m, n, k]) => named.some((one) => one.M === m && one.N === n && one.K === k))
    .map((matrix) => matrixTiling(matrix, info.subgroupMaxSize ?? 0))
    .filter(isWhole);
}

/** As Dawn tells it; types do not know what is experimental. */
type MatrixInfo = GPUAdapterInfo & {
  readonly subgroupMatrixConfigs?: readonly {
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }[];
};

/**
 * Products on matrix units, which count only where they come to what the plainest kernel says: the run that proves a card
 * of a kind.
 */
export async function measureMatrices(
  gpu: GpuDevice,
  tokens: number,
  told: (row: Row) => void,
): Promise<void> {
  const tilings = matrixTilingsOn(gpu);
  const row = { section: 'product', unit: 'GFLOP/s' } as const;
  if (tilings.length === 0)
    return told({ ...row, name: 'G3', value: null, note: 'not there: no matrix units of ours' });
  const size = { tokens, inputs: 768, outputs: 3072 };
  for (const form of FORMS) {
    const shape = shapeOf(form, size, 'f16');
    const measured = { shapeClass: form, shape, rows: shape.m as number, work: 1 };
    const bench = await Bench.open({ gpu, pipelines: new Pipelines(gpu) }, [measured]);
    try {
      const right = await bench.right(measured);
      for (const tiling of tilings) {
        const value = await bench.speed(right, tiling);
        const note = value === null ? 'comes to other numbers than G0' : 'comes to what G0 does';
        told({ ...row, name: `${form} ${tilingName(tiling)} f16`, value, note });
      }
    } finally {
      bench.dispose();
    }
  }
}

/** Tiles with barriers take a processor that plays a card minutes: one of them stands for all. */
function tilingsOn({ facts }: GpuDevice, factors: Format): readonly Tiling[] {
  const workgroup = workgroupTilings(factors);
  return [{ family: 'G0' }, ...(facts.isSoftware ? workgroup.slice(-1) : workgroup)];
}

type Size = { readonly tokens: number; readonly inputs: number; readonly outputs: number };

function shapeOf(
  form: (typeof FORMS)[number],
  { tokens, inputs, outputs }: Size,
  factors: Format,
): GemmShape {
  const [m, n, k] = {
    NT: [tokens, outputs, inputs],
    NN: [tokens, inputs, outputs],
    TN: [outputs, inputs, tokens],
  }[form] as [number, number, number];
  const lying = { NT: { lda: k, ldb: k }, NN: { lda: k, ldb: n }, TN: { lda: m, ldb: n } }[form];
  return { form, epilogue: 'set', m, n, k, ...lying, ldc: n, factors, result: 'f32' };
}

async function measure(gpu: GpuDevice, shape: GemmShape, tiling: Tiling): Promise<Row> {
  const { form, factors } = shape;
  const [m, n, k] = [shape.m as number, shape.n, shape.k as number];
  const name = `${form} ${m}x${n}x${k} ${factors} ${tilingName(tiling)}`;
  const { arena, built } = await Arena.build(gpu, (taken) => ({
    params: taken.uniforms(PARAMS_BYTES),
    views: [m * k, k * n, m * n].map((length) => taken.floats(length, 'scratch')),
  }));
  try {
    const views = [built.params, ...built.views];
    const groups = () => gemmGroups(shape, tiling, m);
    const kernel = gemm(shape, tiling);
    const [op] = await new Pipelines(gpu).ops([
      { kernel, views, groups, work: () => ({ operations: 2 * m * n * k, bytes: 0 }) },
    ]);
    const watch = new Stopwatch(gpu, arena);
    const ms = await watch.time(op!, 0);
    watch.dispose();
    const value = (2 * m * n * k) / ms / 1e6;
    return { section: 'product', name, value, unit: 'GFLOP/s', note: `median of ${TUNING_REPEATS}` };
  } catch (thrown) {
    return { section: 'product', name, value: null, unit: 'GFLOP/s', note: String(thrown) };
  } finally {
    arena.dispose();
  }
}

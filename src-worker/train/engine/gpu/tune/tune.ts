import { AppError, type CodedError } from '../../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../../src-shared/model/layout.ts';
import { TUNING_BUDGET_MS } from '../../limits.ts';
import type { GpuDevice } from '../device.ts';
import type { Pipelines } from '../pipelines.ts';
import type { Format } from '../wgsl/format.ts';
import { type GemmShape, type Tiling, tilingName } from '../wgsl/gemm.ts';
import { matrixTilings } from '../wgsl/subgroup-matrix.ts';
import { workgroupTilings } from '../wgsl/workgroup-tile.ts';
import { Bench } from './bench.ts';
import { type Measured, measuredOf, nearestClass } from './products.ts';
import { TilingsFile } from './tilings-file.ts';

/** How each product of a model is cut. */
export type TilingOf = (shape: Pick<GemmShape, 'form' | 'm' | 'n' | 'factors'>) => Tiling;

export interface TuneOptions {
  readonly config: ModelConfig;
  readonly format: Format;
  /** Rows of a pass. */
  readonly rows: number;
  /** Where the outcome is kept. */
  readonly path: string;
  /** Of all candidates together; what was not tried by then is tried at the next start. */
  readonly budgetMs?: number;
  readonly candidates?: readonly Tiling[];
  told(error: CodedError): void;
  readonly signal: AbortSignal;
}

type AdapterKind = Pick<GPUAdapterInfo, 'vendor' | 'architecture'>;

/** What may be tried for products of a format, the plainest first: what others are checked against. */
export const candidatesFor = (format: Format, { vendor, architecture }: AdapterKind): readonly Tiling[] => [
  { family: 'G0' },
  ...workgroupTilings(format),
  ...(format === 'f16' ? matrixTilings(vendor, architecture) : []),
];

/** What a card gets that was not tuned. */
export const untuned =
  ({ facts }: GpuDevice, format: Format): TilingOf =>
  () =>
    facts.isSoftware ? { family: 'G0' } : workgroupTilings(format)[0]!;

/**
 * The fastest tiles for each class of a model's products on this device, as far as the budget reaches. Each candidate
 * must come to the same numbers as the plainest kernel first; one with which a process died is not tried again.
 */
export async function tune(
  gpu: GpuDevice,
  pipelines: Pipelines,
  { config, format, rows, path, told, signal, ...options }: TuneOptions,
): Promise<TilingOf> {
  const { budgetMs = TUNING_BUDGET_MS, candidates = candidatesFor(format, gpu.device.adapterInfo) } = options;
  const file = await TilingsFile.open(path, await keyOf(gpu), told);
  const left = measuredOf(config, format, rows).filter(({ shapeClass }) => !file.tuned.fastest[shapeClass]);
  if (left.length > 0) {
    const endsMs = performance.now() + budgetMs;
    const isLate = () => performance.now() >= endsMs;
    const bench = await Bench.open(gpu, pipelines, left);
    try {
      for (const one of left) {
        const fastest = await fastestFor(bench, one, { file, candidates, isLate, signal });
        if (fastest) await file.keep({ [one.shapeClass]: tilingName(fastest) });
        if (isLate()) break;
      }
    } finally {
      bench.dispose();
    }
  }
  const { fastest } = file.tuned;
  const byName = new Map(candidates.map((tiling) => [tilingName(tiling), tiling]));
  const otherwise = untuned(gpu, format);
  const known = Object.keys(fastest);
  return (shape) => {
    const like = nearestClass(shape, known);
    return (like !== null && byName.get(fastest[like]!)) || otherwise(shape);
  };
}

interface Trial {
  readonly file: TilingsFile;
  readonly candidates: readonly Tiling[];
  isLate(): boolean;
  readonly signal: AbortSignal;
}

/** @returns null where the time was over before all were tried */
async function fastestFor(bench: Bench, one: Measured, trial: Trial): Promise<Tiling | null> {
  const { file, candidates, isLate, signal } = trial;
  let expected: Float32Array | null = null;
  let best: { readonly tiling: Tiling; readonly ms: number } | null = null;
  for (const tiling of candidates) {
    if (isLate()) return null;
    signal.throwIfAborted();
    const name = tilingName(tiling);
    if (file.tuned.banned.includes(name)) continue;
    await file.trying(name);
    try {
      expected ??= await bench.result(one, { family: 'G0' });
      const ms = await bench.time(one, tiling, expected);
      if (ms === null) console.error(`${name} computes ${one.shapeClass} wrongly`);
      else if (best === null || ms < best.ms) best = { tiling, ms };
    } catch (thrown) {
      const code = thrown instanceof AppError ? thrown.code : null;
      if (code === 'ENGINE_DEVICE_LOST' || code === 'TIMEOUT') await file.ban(name);
      if (code !== null || signal.aborted) throw thrown;
      console.error(`${name} cannot be compiled for ${one.shapeClass}`, thrown);
    } finally {
      await file.survived();
    }
  }
  return best?.tiling ?? null;
}

/** What an outcome holds for: this adapter with this driver, and this version of the library that compiles for it. */
async function keyOf({ device, facts }: GpuDevice): Promise<string> {
  const { default: library } = await import('webgpu/package.json', { with: { type: 'json' } });
  const { vendor, architecture, description } = device.adapterInfo;
  return [facts.name, vendor, architecture, description, library.version].join('; ').slice(0, 1024);
}

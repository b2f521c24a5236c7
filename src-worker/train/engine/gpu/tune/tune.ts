import { AppError, type CodedError } from '../../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../../src-shared/model/layout.ts';
import { TUNING_BUDGET_MS } from '../../limits.ts';
import type { Throttle } from '../../throttle.ts';
import type { GpuDevice } from '../device.ts';
import type { Pipelines } from '../pipelines.ts';
import type { Format } from '../wgsl/format.ts';
import { type GemmShape, type Tiling, tilingName } from '../wgsl/gemm.ts';
import { matrixTilings } from '../wgsl/subgroup-matrix.ts';
import { workgroupTilings } from '../wgsl/workgroup-tile.ts';
import { Bench, PLAINEST } from './bench.ts';
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
  /** How hard it may work; default: as hard as it can. */
  readonly throttle?: Throttle;
  told(error: CodedError): void;
  readonly signal: AbortSignal;
}

type AdapterKind = Pick<GPUAdapterInfo, 'vendor' | 'architecture'>;

/** What may be tried for products of a format, the plainest first: what others are checked against. */
export const candidatesFor = (format: Format, { vendor, architecture }: AdapterKind): readonly Tiling[] => [
  PLAINEST,
  ...workgroupTilings(format),
  ...(format === 'f16' ? matrixTilings(vendor, architecture) : []),
];

/** What a card gets that was not tuned. */
export const untuned =
  ({ facts }: GpuDevice, format: Format, isBanned: (tiling: string) => boolean = () => false): TilingOf =>
  () =>
    (facts.isSoftware ? null : workgroupTilings(format).find((tiling) => !isBanned(tilingName(tiling)))) ??
    PLAINEST;

/**
 * The fastest tiles for each class of a model's products on this device, as far as the budget reaches. Each candidate
 * must come to the same numbers as the plainest kernel first; one with which a process died is not used for a while.
 */
export async function tune(
  gpu: GpuDevice,
  pipelines: Pipelines,
  { config, format, rows, path, told, signal, ...options }: TuneOptions,
): Promise<TilingOf> {
  const { budgetMs = TUNING_BUDGET_MS, candidates = candidatesFor(format, gpu.device.adapterInfo) } = options;
  const file = await TilingsFile.open(path, await keyOf(gpu), told);
  const left = measuredOf(config, format, rows)
    .map((one) => ({
      one,
      untried: candidates.filter((tiling) => !file.isTried(one.shapeClass, tilingName(tiling))),
    }))
    .filter(({ untried }) => untried.length > 0);
  if (left.length > 0) {
    const endsMs = performance.now() + budgetMs;
    const isOver = () => {
      signal.throwIfAborted();
      return performance.now() >= endsMs;
    };
    const measured = left.map(({ one }) => one);
    const bench = await Bench.open(
      { gpu, pipelines, ...(options.throttle && { throttle: options.throttle }) },
      measured,
    );
    try {
      for (const { one, untried } of left) await tryAll(bench, one, untried, { file, isOver, signal });
    } finally {
      bench.dispose();
    }
  }
  const fastest = file.fastest();
  const byName = new Map(candidates.map((tiling) => [tilingName(tiling), tiling]));
  const otherwise = untuned(gpu, format, (tiling) => file.isBanned(tiling));
  const known = Object.keys(fastest);
  return (shape) => {
    const like = nearestClass(shape, known);
    return (like !== null && byName.get(fastest[like]!)) || otherwise(shape);
  };
}

interface Trial {
  readonly file: TilingsFile;
  /** Whether the time is over. @throws the signal's reason */
  isOver(): boolean;
  readonly signal: AbortSignal;
}

/** Tries what there is time for, and keeps what came of it. */
async function tryAll(bench: Bench, one: Measured, untried: readonly Tiling[], trial: Trial): Promise<void> {
  const { file, isOver } = trial;
  const plainest = tilingName(PLAINEST);
  // Nothing can be checked without it.
  if (isOver() || file.isBanned(plainest)) return;
  const right = await attempt(trial, one, plainest, () => bench.right(one));
  if (!right) return;
  for (const tiling of untried) {
    if (isOver()) return;
    const name = tilingName(tiling);
    const gflops = await attempt(trial, one, name, () => bench.speed(right, tiling));
    if (gflops === null) console.error(`${name} does not compute ${one.shapeClass}`);
    await file.keep(one.shapeClass, name, gflops);
  }
}

/** @returns null where the tiling cannot be compiled for these products */
async function attempt<T>(
  { file, signal }: Trial,
  { shapeClass }: Measured,
  name: string,
  work: () => Promise<T>,
): Promise<T | null> {
  await file.trying(name);
  try {
    return await work();
  } catch (thrown) {
    const code = thrown instanceof AppError ? thrown.code : null;
    if (code === 'ENGINE_DEVICE_LOST') await file.ban(name);
    else await file.survived();
    if (code !== null || signal.aborted) throw thrown;
    console.error(`${name} cannot be compiled for ${shapeClass}`, thrown);
    return null;
  }
}

/** What an outcome holds for: this adapter with this driver, and this version of the library that compiles for it. */
async function keyOf({ device, facts }: GpuDevice): Promise<string> {
  const { default: library } = await import('webgpu/package.json', { with: { type: 'json' } });
  const { vendor, architecture, description } = device.adapterInfo;
  return [facts.name, vendor, architecture, description, library.version].join('; ').slice(0, 1024);
}

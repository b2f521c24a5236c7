import type { EngineChoice } from '../../../src-shared/contract/train.ts';
import { AppError, type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import type { Slices } from '../slices.ts';
import { createCpuEngine } from './cpu/cpu-engine.ts';
import type { Batch, Engine } from './engine.ts';
import { engineOn, type Station } from './gpu/create.ts';
import { type GpuDevice, openDevice } from './gpu/device.ts';
import { Pipelines } from './gpu/pipelines.ts';

/** What is computed on both before a card is trusted: all kernels of the model, of a size that takes no time. */
const CHECKED: ModelConfig = { layers: 2, width: 32, heads: 2, context: 24, vocab: 96 };
/** Two right engines differ by the rounding of float32, broken ones by more: a thousandth of the largest gradient. */
const CHECK_TOLERANCE = 1e-3;

export interface ChooseOptions {
  readonly maxSequences: number;
  readonly slices: Slices;
  readonly signal: AbortSignal;
}

export interface Chosen {
  readonly engine: Engine;
  /** Why it is not the one that was asked for; null where it is. */
  readonly instead: CodedError | null;
}

/** The engine that was asked for, or the processor's where a graphics card cannot be had or computes wrongly. */
export async function chooseEngine(
  { kind, threads }: EngineChoice,
  config: ModelConfig,
  options: ChooseOptions,
): Promise<Chosen> {
  // Threads of their own, however small the model: they yield to other programs, and this one answers meanwhile.
  const onProcessor = () => createCpuEngine(config, { ...options, threads, isInline: false });
  if (kind === 'cpu') return { engine: await onProcessor(), instead: null };
  try {
    return { engine: await onCard(config, options), instead: null };
  } catch (thrown) {
    options.signal.throwIfAborted();
    const { code, params } = toCodedError(thrown);
    console.error('the graphics card is not used', thrown);
    const instead = toCodedError(new AppError('ENGINE_FELL_BACK', { reason: code, ...params }));
    return { engine: await onProcessor(), instead };
  }
}

async function onCard(config: ModelConfig, { maxSequences, signal }: ChooseOptions): Promise<Engine> {
  const gpu = await openDevice({ signal });
  try {
    demandHardware(gpu);
    const station: Station = { gpu, pipelines: new Pipelines(gpu) };
    await demandRight(station);
    return await engineOn(station, config, { maxSequences, signal, whenDisposed: gpu.dispose });
  } catch (thrown) {
    gpu.dispose();
    throw thrown;
  }
}

/** A processor that plays a graphics card is slower than the processor itself: only where somebody named its driver. */
function demandHardware({ facts }: GpuDevice): void {
  if (facts.isSoftware && !process.env.VK_DRIVER_FILES) throw new AppError('ENGINE_NO_GPU', {});
}

/**
 * One gradient of a small model on the card and on the processor.
 * @throws {AppError} ENGINE_WRONG
 */
export async function demandRight(station: Station): Promise<void> {
  const weights = waves(parameterCount(CHECKED), 0.2);
  const ids = Uint16Array.from({ length: CHECKED.context }, (_, i) => (i * 37 + 5) % CHECKED.vocab);
  const batch = { ids, targets: ids.map((id) => (id * 5 + 1) % CHECKED.vocab) };
  const card = await engineOn(station, CHECKED, { maxSequences: 1 });
  try {
    const found = await gradientOf(card, weights, batch);
    const processor = await createCpuEngine(CHECKED, { maxSequences: 1, threads: 1, isInline: true });
    const apart = distance(found, await gradientOf(processor, weights, batch));
    await processor.dispose();
    if (!(apart < CHECK_TOLERANCE))
      throw new AppError('ENGINE_WRONG', { device: station.gpu.facts.name, apart: apart.toPrecision(2) });
  } finally {
    await card.dispose();
  }
}

async function gradientOf(engine: Engine, weights: Float32Array, batch: Batch): Promise<Float32Array> {
  await engine.load(weights);
  await engine.gradient([batch]);
  const gradient = new Float32Array(weights.length);
  await engine.read('gradient', gradient);
  return gradient;
}

/** Numbers of all sizes up to `size`, the same everywhere. */
const waves = (count: number, size: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(12.9898 * (i + 1)));

/** Largest difference over the largest value. NaN where something is not a number. */
function distance(found: Float32Array, expected: Float32Array): number {
  let apart = 0;
  let size = 0;
  for (let i = 0; i < found.length; i += 1) {
    const difference = Math.abs(found[i]! - expected[i]!);
    if (!(difference <= apart)) apart = difference;
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return apart / size;
}

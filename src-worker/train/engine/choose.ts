import { adapterOfKey } from '../../../src-shared/cards/adapter.ts';
import type { EngineChoice } from '../../../src-shared/contract/train.ts';
import {
  AppError,
  type CodedError,
  describeError,
  toCodedError,
} from '../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../src-shared/model/layout.ts';
import type { Slices } from '../slices.ts';
import { demandSameStep, takeFirstStep } from './check.ts';
import { createCpuEngine } from './cpu/create.ts';
import { demandAlive, type LossMemory, measuresAt, noticeAt } from './device-losses.ts';
import type { Engine } from './engine.ts';
import { engineOn, precisionsOf, type Station } from './gpu/create.ts';
import { openDevice } from './gpu/device.ts';
import type { GpuEngine } from './gpu/gpu-engine.ts';
import { Pipelines } from './gpu/pipelines.ts';
import { type TilingOf, type TuneOptions, tune, untuned } from './gpu/tune/tune.ts';
import type { Format } from './gpu/wgsl/format.ts';
import { loadTensorFlow, TENSORFLOW } from './tensorflow/load.ts';
import { createTensorFlowEngine } from './tensorflow/tensorflow-engine.ts';
import type { Throttle } from './throttle.ts';

export interface ChooseOptions {
  readonly maxSequences: number;
  readonly slices: Slices;
  readonly throttle: Throttle;
  /** Memory of a card that may be taken; null: nobody can tell, and the card itself is asked. */
  readonly budgetBytes: number | null;
  /** The computer's memory that it may take beside what a run takes of it anyway; null: nobody can tell. */
  readonly ramBytes: number | null;
  /** Which cards were lost lately. */
  readonly losses: LossMemory;
  /** What the life of this process before crashed with, as its host saw; null where it did not. */
  readonly lostInUse: 'gpu' | 'tensorflow' | null;
  /** Where it is kept which tiles are fastest on a card. */
  readonly tilings: Pick<TuneOptions, 'path' | 'told'>;
  /** Whether a processor may play the card; default: where somebody named its driver. */
  readonly allowsSoftware?: boolean;
  readonly signal: AbortSignal;
}

export interface Chosen {
  readonly engine: Engine;
  /** Why it is not the one that was asked for; null where it is. */
  readonly instead: CodedError | null;
  /** Why less is asked of it than it could do; null where it is not. */
  readonly gentler: CodedError | null;
}

/**
 * The engine that was asked for, or the processor's where that one cannot be had or computes wrongly.
 * @throws {AppError} ENGINE_TOO_LARGE, ENGINE_MEMORY of the processor; ENGINE_NONE where it was to fall back on that
 */
export async function chooseEngine(
  choice: EngineChoice,
  config: ModelConfig,
  options: ChooseOptions,
): Promise<Chosen> {
  const { kind, threads } = choice;
  const { losses, signal } = options;
  const nameOf = (one: 'gpu' | 'tensorflow') => (one === 'gpu' ? choice.device : TENSORFLOW);
  await losses.takeStock(options.lostInUse && { device: nameOf(options.lostInUse) });
  // Threads of their own, however small the model: they yield to other programs, and this one answers meanwhile.
  const onProcessor = () => createCpuEngine(config, { ...options, threads, isInline: false });
  if (kind === 'cpu') return { engine: await onProcessor(), instead: null, gentler: null };
  try {
    const open = kind === 'gpu' ? onCard : onTensorFlow;
    const opened = await losses.trying(nameOf(kind), signal, () => open(choice, config, options));
    return { ...opened, instead: null };
  } catch (thrown) {
    signal.throwIfAborted();
    const why = toCodedError(thrown);
    // It was counted, and a new process may have it back: the processor is for a card that is lost again and again.
    if (why.code === 'ENGINE_DEVICE_LOST') throw thrown;
    console.error(`the engine that was chosen (${kind}) is not used`, thrown);
    const fellBack = kind === 'gpu' ? 'ENGINE_FELL_BACK' : 'ENGINE_TENSORFLOW_FELL_BACK';
    const instead = toCodedError(
      new AppError(fellBack, { ...why.params, reason: why.code, why: describeError(why).sentence }),
    );
    const engine = await onProcessor().catch((refused: unknown) => {
      throw neither(kind, why, refused);
    });
    return { engine, instead, gentler: null };
  }
}

/** Why nothing trains: what was chosen cannot, and the processor that would have taken its place cannot either. */
function neither(kind: EngineChoice['kind'], why: CodedError, refused: unknown): unknown {
  if (!(refused instanceof AppError)) return refused;
  const params = {
    chosen: kind === 'gpu' ? 'the graphics card' : 'TensorFlow',
    ...{ reason: why.code, why: describeError(why).sentence },
    ...{ processorReason: refused.code, whyProcessor: describeError(refused).sentence },
  };
  return new AppError('ENGINE_NONE', params, refused);
}

/** @throws {AppError} ENGINE_NO_GPU, CARD_GONE, ENGINE_LOST_OFTEN, ENGINE_WRONG, and what its memory does not hold */
async function onCard(
  choice: EngineChoice,
  config: ModelConfig,
  options: ChooseOptions,
): Promise<Omit<Chosen, 'instead'>> {
  const { device } = choice;
  const standing = await options.losses.standingOf(device);
  const name = (device && adapterOfKey(device)?.name) ?? 'the graphics card';
  const { isWithoutHalf, ...measures } = measuresAt(standing.step, name, options.maxSequences);
  return asMemoryAllows(isWithoutHalf, async (withoutHalf) => {
    const engine = await startOnCard(choice, config, { ...options, ...measures, isWithoutHalf: withoutHalf });
    return { engine, gentler: noticeAt(standing, engine.plan.device) };
  });
}

/**
 * What a card makes, in 32 bits where its memory does not hold it in 16: products of 16 bits want weights of their own
 * beside the ones that are stepped.
 */
export async function asMemoryAllows<T>(
  isWithoutHalf: boolean,
  make: (isWithoutHalf: boolean) => Promise<T>,
): Promise<T> {
  try {
    return await make(isWithoutHalf);
  } catch (thrown) {
    const isTooLarge =
      thrown instanceof AppError &&
      ['ENGINE_GPU_SMALL', 'ENGINE_GPU_MEMORY', 'ENGINE_RAM_SMALL'].includes(thrown.code);
    if (isWithoutHalf || !isTooLarge) throw thrown;
    console.error('the card does not hold the model in 16 bits', thrown.params);
    return make(true);
  }
}

type CardOptions = ReturnType<typeof measuresAt> & ChooseOptions;

async function startOnCard(
  choice: EngineChoice,
  config: ModelConfig,
  options: CardOptions,
): Promise<GpuEngine> {
  const { device } = choice;
  const { maxSequences, mostInPass, isWithoutHalf } = options;
  const { throttle, budgetBytes, ramBytes, losses, tilings, allowsSoftware, signal } = options;
  const whenLost = () => losses.add(device);
  const station = await openCard(choice, { isWithoutHalf, allowsSoftware, whenLost, signal });
  const { gpu, precision } = station;
  try {
    const rows = Math.min(maxSequences, mostInPass ?? maxSequences) * config.context;
    const tilingOf = await tilesOf(station, {
      config,
      format: precision,
      rows,
      ...tilings,
      throttle,
      signal,
    });
    const engine = await engineOn(station, config, {
      ...{ precision, tilingOf, maxSequences, mostInPass, throttle, budgetBytes, ramBytes, signal },
      whenDisposed: gpu.dispose,
    });
    await takeFirstStep(engine, maxSequences, signal);
    return engine;
  } catch (thrown) {
    gpu.dispose();
    throw thrown;
  }
}

/** A card that was checked against the processor, and the precision in which it computes rightly. */
export interface CheckedStation extends Station {
  readonly precision: Format;
}

interface OpenCardOptions {
  readonly isWithoutHalf?: boolean;
  readonly allowsSoftware?: boolean | undefined;
  readonly whenLost?: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * The card that was chosen, once it was checked.
 * @throws {AppError} ENGINE_NO_GPU, CARD_GONE, ENGINE_WRONG
 */
export async function openCard(
  { device }: EngineChoice,
  { isWithoutHalf = false, allowsSoftware = isSoftwareNamed(), whenLost, signal }: OpenCardOptions,
): Promise<CheckedStation> {
  const adapter = device === null ? null : adapterOfKey(device);
  if (device !== null && !adapter) throw new AppError('CARD_GONE', { device });
  const gpu = await openDevice({ ...(adapter && { adapter }), ...(whenLost && { whenLost }), signal });
  try {
    if (gpu.facts.isSoftware && !allowsSoftware) throw new AppError('ENGINE_NO_GPU', {});
    const station: Station = { gpu, pipelines: new Pipelines(gpu) };
    const allowed = precisionsOf(gpu).filter((own) => own === 'f32' || !isWithoutHalf);
    const make = (small: ModelConfig, own: Format) =>
      engineOn(station, small, { maxSequences: 1, precision: own });
    const precision = await rightPrecision(gpu.facts.name, allowed, make, signal);
    return { ...station, precision };
  } catch (thrown) {
    gpu.dispose();
    throw thrown;
  }
}

/** The fastest tiles of a card. Training does without them where they cannot be found or kept. */
export async function tilesOf({ gpu, pipelines }: Station, options: TuneOptions): Promise<TilingOf> {
  if (gpu.facts.isSoftware) return untuned(gpu, options.format);
  try {
    return await tune(gpu, pipelines, options);
  } catch (thrown) {
    options.signal.throwIfAborted();
    if (thrown instanceof AppError && thrown.code === 'ENGINE_DEVICE_LOST') throw thrown;
    console.error('the tiles of the graphics card are not tuned', thrown);
    return untuned(gpu, options.format);
  }
}

/** A processor that plays a graphics card is slower than the processor itself: only where somebody named its driver. */
const isSoftwareNamed = (): boolean => Boolean(process.env.VK_DRIVER_FILES);

/**
 * The first precision that a card computes rightly in.
 * @throws {AppError} ENGINE_DEVICE_LOST, and what the last one fails with: ENGINE_WRONG where it computes wrongly
 */
export async function rightPrecision(
  device: string,
  wanted: readonly Format[],
  make: (config: ModelConfig, precision: Format) => Promise<Engine>,
  signal?: AbortSignal,
): Promise<Format> {
  for (const [index, precision] of wanted.entries())
    try {
      await demandSameStep(device, (config) => make(config, precision));
      return precision;
    } catch (thrown) {
      // Whatever else went wrong, a shader that does not compile too, may be float16's alone.
      const isLast = index === wanted.length - 1;
      if (isLast || toCodedError(thrown).code === 'ENGINE_DEVICE_LOST') throw thrown;
      signal?.throwIfAborted();
      console.error(`${device} is not used in ${precision}`, thrown);
    }
  throw new AppError('ENGINE_NO_GPU', {});
}

/**
 * TensorFlow as a user added it, in this process from now on.
 * @throws {AppError} ENGINE_ABSENT, ENGINE_BROKEN, ENGINE_DIED, ENGINE_WRONG
 */
async function onTensorFlow(
  { threads, folder }: EngineChoice,
  config: ModelConfig,
  options: ChooseOptions,
): Promise<Omit<Chosen, 'instead'>> {
  if (folder === undefined) throw new AppError('ENGINE_ABSENT', { engine: TENSORFLOW });
  demandAlive((await options.losses.standingOf(TENSORFLOW)).step, TENSORFLOW);
  const loaded = loadTensorFlow(folder, threads);
  await demandSameStep(loaded.name, (small) => createTensorFlowEngine(loaded, small, { maxSequences: 1 }));
  const engine = await createTensorFlowEngine(loaded, config, options);
  try {
    await takeFirstStep(engine, options.maxSequences, options.signal);
    return { engine, gentler: null };
  } catch (thrown) {
    await engine.dispose();
    throw thrown;
  }
}

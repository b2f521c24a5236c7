import type { Speed } from '../../../src-shared/contract/benchmark.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { trainingFlops } from '../../../src-shared/model/work.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { median } from '../../../src-shared/reduce/norms.ts';
import type { Batch, Engine } from '../engine/engine.ts';
import { EVALUATION_SLICE_WINDOWS } from '../limits.ts';
import type { Bench } from './bench.ts';
import {
  FILL_ELEMENTS,
  LAYER_LEAST,
  PILOT_SHARE,
  PILOT_TOKENS,
  TIMED_LEAST,
  TIMED_MS,
  TUNED_SHARE,
  WHOLE_MODEL_SHARE,
} from './limits.ts';

type Inner = Consensus['inner'];

export interface MeasureRequest {
  readonly model: ModelConfig;
  readonly inner: Inner;
  /** The measurement ends about then, whatever it is by then. */
  readonly limitMs: number;
}

/**
 * How fast a device trains a model. One and two of its layers are tried first, which any device can in seconds: where
 * the whole model then fits into the time, it is trained on; where not, it is reckoned from them.
 * @throws {AppError} BENCHMARK_TOO_SLOW, BENCHMARK_UNSTEADY, or why the model cannot be held
 */
export async function measureSpeed(
  bench: Bench,
  { model, inner, limitMs }: MeasureRequest,
  signal: AbortSignal,
): Promise<Speed> {
  const startedMs = performance.now();
  const leftMs = () => limitMs - (performance.now() - startedMs);
  // As training itself would have it; only to see whether it can be had, and how.
  const sequences = Math.max(inner.sequencesPerMicroBatch, EVALUATION_SLICE_WINDOWS);
  const { plan } = await withEngine(await bench.create(model, sequences), async (engine) => engine);
  signal.throwIfAborted();
  const reckoned = await pilot(bench, model, { limitMs: leftMs() * PILOT_SHARE, signal });
  const tokens = inner.sequencesPerMicroBatch * model.context;
  // One to warm up, one to be timed, and the optimiser's.
  const wholeMs = 2 * tokens * reckoned.msPerToken + 2 * reckoned.optimizerMs;
  const stepTokens = tokens * inner.microBatchesPerStep;
  if (wholeMs > leftMs() * WHOLE_MODEL_SHARE) {
    if (!reckoned.isSteady) throw new AppError('BENCHMARK_UNSTEADY', { device: bench.name });
    const stepMs = stepTokens * reckoned.msPerToken + reckoned.optimizerMs;
    return speedOf(stepMs, stepTokens, { how: 'reckoned', plan });
  }
  const whole = await bench.create(model, sequences, leftMs() * TUNED_SHARE);
  const stepMs = await withEngine(whole, (engine) => timeWhole(engine, inner, { leftMs, signal }));
  return speedOf(stepMs, stepTokens, { how: 'measured', plan: whole.plan });
}

const speedOf = (stepMs: number, stepTokens: number, rest: Pick<Speed, 'how' | 'plan'>): Speed => ({
  ...rest,
  stepMs,
  tokensPerSecond: (stepTokens * 1000) / stepMs,
});

interface Pilot {
  readonly msPerToken: number;
  readonly optimizerMs: number;
  /** Two layers took longer than one: what more of them take can be told. */
  readonly isSteady: boolean;
}

/** What a token of the whole model takes, from what one and two of its layers take. */
async function pilot(
  bench: Bench,
  model: ModelConfig,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<Pilot> {
  const endsMs = performance.now() + limitMs;
  const context = Math.min(model.context, PILOT_TOKENS);
  const small = (layers: number): ModelConfig => ({ ...model, layers, context });
  const time = async (config: ModelConfig) =>
    withEngine(await bench.create(config, 1), async (engine) => {
      await fillAtRandom(engine);
      const [batch] = batches(config, 1, 1);
      const run = () => timed(() => engine.gradient([batch!]));
      // The first one compiles.
      const firstMs = await run();
      if (performance.now() + firstMs > endsMs)
        throw new AppError('BENCHMARK_TOO_SLOW', { device: bench.name });
      const passMs = Math.min(await run(), await run());
      const optimizerMs = await timed(() => engine.optimizerStep(SETTINGS));
      signal.throwIfAborted();
      return { passMs, optimizerMs };
    });
  const one = await time(small(1));
  const two = await time(small(2));
  const perLayerMs = Math.max(0, two.passMs - one.passMs);
  const wholeMs = one.passMs + (model.layers - 1) * perLayerMs;
  // Attention of longer contexts takes more for each token.
  const longer = trainingFlops(model) / trainingFlops({ ...model, context });
  const more = parameterCount(model) / parameterCount(small(2));
  return {
    msPerToken: (wholeMs / context) * Math.max(1, longer),
    optimizerMs: two.optimizerMs * more,
    isSteady: perLayerMs > LAYER_LEAST * one.passMs,
  };
}

const SETTINGS = { lr: 1e-4, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1, clip: 1 };

/** Milliseconds of an inner step of the whole model: all of it where there is time, else from its micro-batches. */
async function timeWhole(
  engine: Engine,
  inner: Inner,
  { leftMs, signal }: { leftMs(): number; readonly signal: AbortSignal },
): Promise<number> {
  await fillAtRandom(engine);
  const step = batches(engine.config, inner.microBatchesPerStep, inner.sequencesPerMicroBatch);
  const one = step.slice(0, 1);
  // The first ones compile, and show what there is time for.
  await engine.gradient(one);
  await engine.optimizerStep(SETTINGS);
  const microMs = await timed(() => engine.gradient(one));
  const fits = (ms: number) => ms < leftMs() / 2 && !signal.aborted;
  const whole = async () => {
    await engine.gradient(step);
    await engine.optimizerStep(SETTINGS);
  };
  if (fits(2 * microMs * step.length)) return medianOf(whole, fits);
  const ownMs = await medianOf(() => engine.gradient(one), fits);
  const optimizerMs = await timed(() => engine.optimizerStep(SETTINGS));
  signal.throwIfAborted();
  return ownMs * step.length + optimizerMs;
}

/** Milliseconds of a piece of work, done again and again for as long as a measurement takes. */
async function medianOf(work: () => Promise<unknown>, fits: (ms: number) => boolean): Promise<number> {
  const timesMs: number[] = [];
  let sumMs = 0;
  do {
    const ms = await timed(work);
    timesMs.push(ms);
    sumMs += ms;
  } while ((sumMs < TIMED_MS || timesMs.length < TIMED_LEAST) && fits(timesMs[0]!));
  return median(timesMs);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

async function withEngine<T>(engine: Engine, work: (engine: Engine) => Promise<T>): Promise<T> {
  try {
    return await work(engine);
  } finally {
    await engine.dispose();
  }
}

/** Small numbers, the same each time: what a card draws, and how fast it is, depends on them being none of a kind. */
async function fillAtRandom(engine: Engine): Promise<void> {
  const last = engine.layout.at(-1)!;
  const elements = last.offset + last.length;
  let seed = 1;
  const window = Float32Array.from({ length: Math.min(elements, FILL_ELEMENTS) }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (seed / 2 ** 32 - 0.5) / 16;
  });
  for (let at = 0; at < elements; at += window.length)
    await engine.write('parameters', window.subarray(0, Math.min(window.length, elements - at)), at);
}

/** Micro-batches of tokens that follow no rule a cache could use. */
function batches({ context, vocab }: ModelConfig, count: number, sequences: number): Batch[] {
  return Array.from({ length: count }, (_, index) => {
    const ids = Uint16Array.from(
      { length: sequences * context },
      (_, at) => (Math.imul(at + 1 + index * 7_919, 2_654_435_761) >>> 0) % vocab,
    );
    return { ids, targets: ids.map((_, at) => ids[(at + 1) % ids.length]!) };
  });
}

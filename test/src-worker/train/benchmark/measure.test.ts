import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { onProcessor } from '../../../../src-shared/contract/train.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { trainingFlops } from '../../../../src-shared/model/work.ts';
import { shippedConsensus } from '../../../../src-shared/profile/shipped.ts';
import { type Bench, openBench } from '../../../../src-worker/train/benchmark/bench.ts';
import { measureSpeed } from '../../../../src-worker/train/benchmark/measure.ts';
import type { Batch, Engine } from '../../../../src-worker/train/engine/engine.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';

const { signal } = new AbortController();
const practice = shippedConsensus()[0]!;
const MODEL: ModelConfig = { layers: 12, width: 64, heads: 2, context: 256, vocab: 512 };
const inner = { ...practice.inner, sequencesPerMicroBatch: 2, microBatchesPerStep: 4 };
const STEP_TOKENS = 2 * 4 * 256;

describe('the speed of a device', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** Takes so many ms for each token: of the head, and of each layer. AdamW takes a ms for each 100,000 parameters. */
  function fakeBench(headMs: number, layerMs: number) {
    const made: { readonly layers: number; readonly context: number; passes: number; filled: number }[] = [];
    let open = 0;
    const bench: Bench = {
      computes: 'gpu',
      name: 'GeForce',
      async create(config, maxSequences) {
        const log = { layers: config.layers, context: config.context, passes: 0, filled: 0 };
        made.push(log);
        open++;
        const engine: Partial<Engine> = {
          config,
          plan: null,
          layout: parameterLayout(config),
          async write(_vector, from) {
            log.filled += from.length;
          },
          async gradient(batches: readonly Batch[]) {
            for (const { ids } of batches) {
              expect(ids.length).toBeLessThanOrEqual(maxSequences * config.context);
              expect(ids.every((id) => id < config.vocab)).toBe(true);
              log.passes++;
              vi.advanceTimersByTime(ids.length * (headMs + config.layers * layerMs));
            }
            return { loss: 6, sketches: [] };
          },
          async optimizerStep() {
            vi.advanceTimersByTime(parameterCount(config) / 100_000);
            return { gradNorm: 1, applied: true } as never;
          },
          async dispose() {
            open--;
          },
        };
        return engine as Engine;
      },
      dispose: () => undefined,
    };
    return { bench, made, open: () => open };
  }

  it('is measured with the whole model and whole steps where there is time', async () => {
    const { bench, made, open } = fakeBench(0.01, 0.01);
    const speed = await measureSpeed(bench, { model: MODEL, inner, limitMs: 30_000 }, signal);
    const stepMs = STEP_TOKENS * 0.13 + parameterCount(MODEL) / 100_000;
    expect(speed.how).toBe('measured');
    expect(speed.stepMs).toBeCloseTo(stepMs, 3);
    expect(speed.tokensPerSecond).toBeCloseTo((STEP_TOKENS * 1000) / stepMs, 3);
    expect(made.map(({ layers, context }) => [layers, context])).toEqual([
      [12, 256],
      [1, 128],
      [2, 128],
      [12, 256],
    ]);
    expect(made.at(-1)!.filled).toBe(parameterCount(MODEL));
    expect(open()).toBe(0);
  });

  it('is measured with some micro-batches of the whole model where a step takes too long', async () => {
    const { bench, made } = fakeBench(0.01, 0.01);
    // A step takes about a second, a micro-batch 67 ms.
    const long = { ...inner, microBatchesPerStep: 16 };
    const speed = await measureSpeed(bench, { model: MODEL, inner: long, limitMs: 800 }, signal);
    expect(speed.how).toBe('measured');
    expect(speed.stepMs).toBeCloseTo(4 * STEP_TOKENS * 0.13 + parameterCount(MODEL) / 100_000, 3);
    expect(made.at(-1)!.passes).toBeLessThan(16);
  });

  it('is reckoned from one and two layers where the whole model takes too long, and says so', async () => {
    const { bench, made } = fakeBench(0.01, 0.01);
    const speed = await measureSpeed(bench, { model: MODEL, inner, limitMs: 200 }, signal);
    expect(speed.how).toBe('reckoned');
    const longer = trainingFlops(MODEL) / trainingFlops({ ...MODEL, context: 128 });
    expect(speed.stepMs).toBeCloseTo(STEP_TOKENS * 0.13 * longer + parameterCount(MODEL) / 100_000, 1);
    expect(made.map(({ layers }) => layers)).toEqual([12, 1, 2]);
  });

  it('is not reckoned where two layers take no longer than one', async () => {
    const { bench } = fakeBench(0.13, 0);
    await expect(measureSpeed(bench, { model: MODEL, inner, limitMs: 200 }, signal)).rejects.toMatchObject({
      code: 'BENCHMARK_UNSTEADY',
    });
    expect(await measureSpeed(bench, { model: MODEL, inner, limitMs: 30_000 }, signal)).toMatchObject({
      how: 'measured',
    });
  });

  it('is not told of a device that is too slow even for one layer', async () => {
    const { bench, open } = fakeBench(10, 10);
    await expect(measureSpeed(bench, { model: MODEL, inner, limitMs: 1_000 }, signal)).rejects.toMatchObject({
      code: 'BENCHMARK_TOO_SLOW',
      params: { device: 'GeForce' },
    });
    expect(open()).toBe(0);
  });

  it('is not told of a model that the device cannot hold, with how much it would need', async () => {
    const { bench } = fakeBench(0.01, 0.01);
    const tight: Bench = {
      ...bench,
      create: async () => {
        throw new AppError('ENGINE_GPU_MEMORY', { device: 'GeForce', neededMib: 20_000 });
      },
    };
    await expect(measureSpeed(tight, { model: MODEL, inner, limitMs: 1_000 }, signal)).rejects.toMatchObject({
      code: 'ENGINE_GPU_MEMORY',
    });
  });

  it('ends when it is asked to', async () => {
    const { bench, open } = fakeBench(0.01, 0.01);
    const ended = AbortSignal.abort();
    await expect(measureSpeed(bench, { model: MODEL, inner, limitMs: 1_000 }, ended)).rejects.toThrow();
    expect(open()).toBe(0);
  });
});

const around = { tilings: { path: '/nowhere', told: () => undefined }, freeBytes: null };

describe('on the processor', () => {
  beforeAll(buildKernels);

  it('a small model is really trained, and its memory counted', async () => {
    const bench = await openBench(onProcessor(1), around, signal);
    const model = { ...MODEL, layers: 2, context: 32 };
    const speed = await measureSpeed(bench, { model, inner, limitMs: 60_000 }, signal);
    expect(speed.tokensPerSecond).toBeGreaterThan(0);
    expect(speed.plan?.bytes.weights).toBeGreaterThanOrEqual(4 * parameterCount(model));
  });

  it('a model of a billion parameters is refused with its numbers, before anything is taken', async () => {
    const bench = await openBench(onProcessor(1), around, signal);
    const { model, inner: own } = shippedConsensus().at(-1)!;
    await expect(measureSpeed(bench, { model, inner: own, limitMs: 5_000 }, signal)).rejects.toMatchObject({
      code: 'ENGINE_TOO_LARGE',
    });
  });
});

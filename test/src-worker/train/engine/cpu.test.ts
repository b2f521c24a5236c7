import { beforeAll, describe, expect, it } from 'vitest';
import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { shippedConsensus } from '../../../../src-shared/profile/shipped.ts';
import { type CpuEngineOptions, createCpuEngine } from '../../../../src-worker/train/engine/cpu/create.ts';
import { fittingPlans } from '../../../../src-worker/train/engine/cpu/fit.ts';
import { type Engine, IGNORED_TARGET } from '../../../../src-worker/train/engine/engine.ts';
import { createReferenceEngine } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { relativeError, TINY, testBatch, testWeights } from './support.ts';

// The gradient of key biases is zero but for rounding; this eps keeps AdamW from magnifying that.
const ADAMW = { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-5, weightDecay: 0.1, clip: 1 };
/** More queries than one block, more rows than one panel, a width beyond one vector of columns. */
const LONG: ModelConfig = { layers: 1, width: 24, heads: 3, context: 150, vocab: 70 };

beforeAll(buildKernels);

async function gradientOf(engine: Engine): Promise<Float32Array> {
  const flat = new Float32Array(parameterCount(engine.config));
  await engine.read('gradient', flat);
  return flat;
}

async function withCpu<T>(
  config: ModelConfig,
  options: CpuEngineOptions,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await createCpuEngine(config, options);
  try {
    await engine.load(testWeights(config));
    return await use(engine);
  } finally {
    await engine.dispose();
  }
}

async function gradientAndLoss(config: ModelConfig, options: CpuEngineOptions) {
  const { ids, targets } = testBatch(config, options.maxSequences);
  return withCpu(config, options, async (engine) => {
    const { loss } = await engine.gradient([{ ids, targets }]);
    return { loss, gradient: await gradientOf(engine) };
  });
}

describe('CPU engine against the float64 reference', () => {
  for (const [name, config] of [
    ['odd sizes', TINY],
    ['a context of several query blocks', LONG],
  ] as const) {
    describe.each(['simd', 'relaxed', 'wide'] as const)(`${name}, %s kernels`, (variant) => {
      it('loss and every gradient tensor agree', async () => {
        const reference = createReferenceEngine(config, 3);
        await reference.load(testWeights(config));
        const { ids, targets } = testBatch(config, 3);
        const expected = await reference.gradient([{ ids, targets }]);
        const expectedGradient = await gradientOf(reference);
        const { loss, gradient } = await gradientAndLoss(config, { maxSequences: 3, variant });
        expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-5);
        for (const { name: tensor, offset, length } of parameterLayout(config)) {
          expect(relativeError(gradient, expectedGradient, offset, length), tensor).toBeLessThan(5e-6);
        }
      });
    });
  }

  it('parameters agree after ten optimizer steps', async () => {
    const reference = createReferenceEngine(TINY, 2);
    await reference.load(testWeights(TINY));
    await withCpu(TINY, { maxSequences: 2 }, async (engine) => {
      for (let k = 0; k < 10; k++) {
        const { ids, targets } = testBatch(TINY, 2, k);
        for (const each of [reference, engine]) {
          await each.gradient([{ ids, targets }]);
          await each.optimizerStep(ADAMW);
        }
      }
      const [ours, theirs] = [new Float32Array(parameterCount(TINY)), new Float32Array(parameterCount(TINY))];
      await engine.read('parameters', ours);
      await reference.read('parameters', theirs);
      for (const { name, offset, length } of parameterLayout(TINY)) {
        expect(relativeError(ours, theirs, offset, length), name).toBeLessThan(1e-4);
      }
    });
  });
});

describe('CPU engine', () => {
  it('gives the same bits whatever the number of threads', async () => {
    const alone = await gradientAndLoss(LONG, { maxSequences: 2, threads: 1 });
    for (const threads of [2, 3]) {
      expect(await gradientAndLoss(LONG, { maxSequences: 2, threads })).toEqual(alone);
    }
  });

  it('gives the same bits on the calling thread and on one of its own', async () => {
    const inline = await gradientAndLoss(TINY, { maxSequences: 2, isInline: true });
    expect(await gradientAndLoss(TINY, { maxSequences: 2, isInline: false })).toEqual(inline);
  });

  it('survives logits far beyond the range of exp', async () => {
    await withCpu(TINY, { maxSequences: 1 }, async (engine) => {
      const loud = testWeights(TINY).map((w) => w * 300);
      await engine.load(loud);
      const { ids, targets } = testBatch(TINY, 1);
      const { loss } = await engine.gradient([{ ids, targets }]);
      expect(Number.isFinite(loss)).toBe(true);
      expect(Number.isFinite(await engine.gradNorm())).toBe(true);
    });
  });

  it('rests while a command runs, and comes to the same numbers', async () => {
    const practice = { layers: 4, width: 128, heads: 2, context: 64, vocab: 4096 };
    const throttle = { share: 1 };
    const engine = await createCpuEngine(practice, {
      ...{ maxSequences: 4, threads: 2, isInline: false, throttle },
    });
    await engine.load(testWeights(practice));
    const batch = testBatch(practice, 4);
    const gradientAt = async (share: number) => {
      throttle.share = share;
      const { loss } = await engine.gradient([batch]);
      const gradient = new Float32Array(parameterCount(practice));
      await engine.read('gradient', gradient);
      return { loss, gradient };
    };
    const expected = await gradientAt(1);
    // Some rests long: where each thread counted the others' as work, this took for ever.
    for (const share of [0.5, 0.25]) expect(await gradientAt(share)).toEqual(expected);
    await engine.dispose();
  });

  it('gives up a command that is under way when it is disposed', async () => {
    const engine = await createCpuEngine(LONG, { maxSequences: 2, threads: 2 });
    const given = expect(engine.gradient([testBatch(LONG, 2)])).rejects.toMatchObject({ code: 'CANCELLED' });
    await engine.dispose();
    await given;
  });

  it('starts no thread once its signal has fired', async () => {
    const signal = AbortSignal.abort();
    await expect(createCpuEngine(TINY, { maxSequences: 1, threads: 2, signal })).rejects.toThrow();
  });

  describe('takes a micro-batch in passes', () => {
    const [long, short] = [testBatch(TINY, 3, 1), testBatch(TINY, 2, 2)];
    // Sequences of a micro-batch count as many targets as they have, whatever passes they go in.
    long.targets.fill(IGNORED_TARGET, 0, TINY.context - 1);
    const batches = [long, short];
    const sketchSeed = Uint8Array.of(3, 8);
    const inPassesOf = (mostInPass: number) =>
      withCpu(TINY, { maxSequences: 3, mostInPass }, async (engine) => {
        const { loss, sketches } = await engine.gradient(batches, { sketchSeed });
        const losses = await engine.losses(batches);
        return { loss, sketches, losses, gradient: await gradientOf(engine), plan: engine.plan };
      });

    it('to the losses, the gradient and the sketches of the whole', async () => {
      const whole = await inPassesOf(3);
      expect(whole.plan?.passSequences).toBe(3);
      for (const most of [2, 1]) {
        const found = await inPassesOf(most);
        expect(found.plan?.passSequences).toBe(most);
        expect(found.loss).toBeCloseTo(whole.loss, 6);
        expect(relativeError(found.losses, whole.losses)).toBeLessThan(1e-6);
        for (const { name, offset, length } of parameterLayout(TINY))
          expect(relativeError(found.gradient, whole.gradient, offset, length), name).toBeLessThan(5e-6);
        for (const [index, sketch] of found.sketches.entries())
          expect(relativeError(sketch, whole.sketches[index]!)).toBeLessThan(1e-5);
      }
    });

    it('and none further once its signal has fired', async () => {
      await withCpu(TINY, { maxSequences: 3, mostInPass: 1 }, async (engine) => {
        const stop = new AbortController();
        const given = engine.gradient([long], { signal: stop.signal });
        stop.abort(new Error('given up'));
        await expect(given).rejects.toThrow('given up');
      });
    });
  });

  describe('fits a model into what 32 bits address', () => {
    const named = (name: string) => shippedConsensus().find((one) => one.name === name)!;
    const passesFor = (model: ModelConfig, maxSequences: number) =>
      fittingPlans(model, { maxSequences, threads: 2 }).map(({ passSequences }) => passSequences);

    it('by as few passes as that takes, and evenly', () => {
      const { model, inner } = named('gpt2-124m');
      expect(inner.sequencesPerMicroBatch).toBe(4);
      expect(passesFor(model, 4)).toEqual([2, 1]);
      expect(passesFor(model, 9)).toEqual([2, 1]);
      expect(passesFor(TINY, 5)).toEqual([5, 3, 2, 1]);
    });

    it.each(['gpt2-250m', 'gpt2-1.1b'])('and says of %s what it would take', async (name) => {
      const made = createCpuEngine(named(name).model, { maxSequences: 4 });
      await expect(made).rejects.toMatchObject({
        code: 'ENGINE_TOO_LARGE',
        params: { neededMib: expect.any(Number), mostMib: 4096 },
      });
    });
  });
});

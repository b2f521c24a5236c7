import { beforeAll, describe, expect, it } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { cpuBackend } from '../../../../src-worker/train/engine/cpu/cpu-engine.ts';
import type { AdamWSettings, Engine, EngineBackend } from '../../../../src-worker/train/engine/engine.ts';
import { referenceBackend } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { relativeError, TINY, testBatch, testWeights } from './support.ts';

const COUNT = parameterCount(TINY);
const ADAMW: AdamWSettings = { lr: 1e-2, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 };
const ONCE = { accumulate: false, microBatches: 1 };

const BACKENDS: [string, EngineBackend, number][] = [
  ['reference', referenceBackend, 1],
  ['cpu, 1 thread', cpuBackend, 1],
  ['cpu, 2 threads', cpuBackend, 2],
];

beforeAll(buildKernels);

describe.each(BACKENDS)('engine contract: %s', (_name, backend, threads) => {
  async function using<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = await backend.create(TINY, { maxSequences: 4, threads });
    try {
      await engine.load(testWeights(TINY));
      return await use(engine);
    } finally {
      await engine.dispose();
    }
  }

  const parametersOf = async (engine: Engine) => {
    const flat = new Float32Array(COUNT);
    await engine.readParameters(flat);
    return flat;
  };
  const gradientOf = async (engine: Engine) => {
    const flat = new Float32Array(COUNT);
    await engine.readGradient(flat);
    return flat;
  };
  const step = async (engine: Engine, seed: number) => {
    const { ids, targets } = testBatch(TINY, 2, seed);
    const { loss } = await engine.microStep(ids, targets, ONCE);
    await engine.optimizerStep(ADAMW);
    return loss;
  };

  it('probe says what the machine offers', async () => {
    expect(await backend.probe()).toMatchObject({ available: true, capabilities: { isDeterministic: true } });
  });

  it('gives back the parameters it was loaded with', () =>
    using(async (engine) => {
      expect(await parametersOf(engine)).toEqual(testWeights(TINY));
    }));

  it('reads and writes windows', () =>
    using(async (engine) => {
      await engine.writeParameters(Float32Array.of(5, 6, 7), 11);
      await engine.addToParameters(Float32Array.of(1), 12);
      const window = new Float32Array(5);
      await engine.readParameters(window, 10);
      const before = testWeights(TINY);
      expect([...window]).toEqual([before[10], 5, 7, 7, before[14]]);
    }));

  it('evaluates to the loss of a micro-step and leaves the gradient alone', () =>
    using(async (engine) => {
      const first = testBatch(TINY, 2, 1);
      const second = testBatch(TINY, 3, 2);
      await engine.microStep(first.ids, first.targets, ONCE);
      const gradient = await gradientOf(engine);
      const evaluated = await engine.evalLoss(second.ids, second.targets);
      expect(await gradientOf(engine)).toEqual(gradient);
      expect((await engine.microStep(second.ids, second.targets, ONCE)).loss).toBe(evaluated);
    }));

  it('accumulated parts of a batch make the gradient of the whole', () =>
    using(async (engine) => {
      const { ids } = testBatch(TINY, 4);
      const targets = ids.map((id) => (id * 5 + 1) % TINY.vocab);
      const { loss } = await engine.microStep(ids, targets, ONCE);
      const whole = await gradientOf(engine);
      let sum = 0;
      for (let part = 0; part < 4; part++) {
        const range = [part * TINY.context, (part + 1) * TINY.context] as const;
        const accumulate = part > 0;
        sum += (
          await engine.microStep(ids.slice(...range), targets.slice(...range), {
            accumulate,
            microBatches: 4,
          })
        ).loss;
      }
      expect(sum / 4).toBeCloseTo(loss, 5);
      expect(relativeError(await gradientOf(engine), whole)).toBeLessThan(2e-6);
    }));

  it('a micro-step that does not accumulate forgets the gradient before', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 2, 3);
      const other = testBatch(TINY, 4, 4);
      await engine.microStep(ids, targets, ONCE);
      const expected = await gradientOf(engine);
      await engine.microStep(other.ids, other.targets, ONCE);
      await engine.microStep(ids, targets, ONCE);
      expect(await gradientOf(engine)).toEqual(expected);
    }));

  it('gradNorm is the L2 norm of the gradient', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 2);
      await engine.microStep(ids, targets, ONCE);
      const norm = Math.sqrt((await gradientOf(engine)).reduce((sum, g) => sum + g * g, 0));
      expect(Math.abs((await engine.gradNorm()) / norm - 1)).toBeLessThan(1e-6);
    }));

  it('clips by the global norm', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 2);
      await engine.microStep(ids, targets, ONCE);
      const settings = { ...ADAMW, beta1: 0, beta2: 0, eps: 1, weightDecay: 0, lr: 1 };
      const before = await parametersOf(engine);
      const { gradNorm, applied } = await engine.optimizerStep({ ...settings, clip: 1e-3 });
      expect(applied).toBe(true);
      expect(gradNorm).toBeGreaterThan(0.01);
      const after = await parametersOf(engine);
      // With eps far above the clipped gradient a step is the gradient itself.
      const moved = Math.sqrt(after.reduce((sum, p, i) => sum + (p - before[i]!) ** 2, 0));
      expect(Math.abs(moved / 1e-3 - 1)).toBeLessThan(0.01);
    }));

  it('does not apply a gradient that is not finite', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 2);
      await engine.writeParameters(Float32Array.of(Number.NaN), ids[0]! * TINY.width);
      await engine.microStep(ids, targets, ONCE);
      const before = await parametersOf(engine);
      expect((await engine.optimizerStep(ADAMW)).applied).toBe(false);
      expect(await parametersOf(engine)).toEqual(before);
      expect((await engine.snapshotOptimizer()).step).toBe(0);
    }));

  it('goes on from a snapshot exactly as if nothing had happened', () =>
    using(async (engine) => {
      for (let k = 0; k < 3; k++) await step(engine, k);
      const [parameters, optimizer] = [await parametersOf(engine), await engine.snapshotOptimizer()];
      expect(optimizer.step).toBe(3);
      for (let k = 3; k < 5; k++) await step(engine, k);
      const expected = await parametersOf(engine);
      await engine.load(parameters);
      await engine.restoreOptimizer(optimizer);
      for (let k = 3; k < 5; k++) await step(engine, k);
      expect(relativeError(await parametersOf(engine), expected)).toBeLessThan(
        threads === 1 && backend === referenceBackend ? 1e-5 : 1e-30,
      );
    }));

  it('two runs agree bit for bit', async () => {
    const run = () =>
      using(async (engine) => {
        const losses = [];
        for (let k = 0; k < 3; k++) losses.push(await step(engine, k));
        return { losses, parameters: await parametersOf(engine) };
      });
    expect(await run()).toEqual(await run());
  });

  it('zeroed moments make the next step a first step', () =>
    using(async (engine) => {
      await step(engine, 1);
      await engine.zeroMoments();
      const { step: steps, m, v } = await engine.snapshotOptimizer();
      expect(steps).toBe(0);
      expect(Math.max(...m, ...v)).toBe(0);
    }));

  it('learns one batch by heart', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 1);
      let loss = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 80; k++) {
        loss = (await engine.microStep(ids, targets, ONCE)).loss;
        await engine.optimizerStep({ ...ADAMW, weightDecay: 0 });
      }
      expect(loss).toBeLessThan(0.1);
    }));

  it('refuses a batch that does not fit', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 5);
      await expect(engine.microStep(ids, targets, ONCE)).rejects.toThrow(/planned for 4/);
      await expect(engine.microStep(ids.slice(0, 5), targets.slice(0, 5), ONCE)).rejects.toThrow(
        /whole sequences/,
      );
      const alien = ids.slice(0, TINY.context).fill(TINY.vocab);
      await expect(engine.evalLoss(alien, targets.slice(0, TINY.context))).rejects.toThrow(
        /beyond the vocabulary/,
      );
    }));

  it('refuses a window beyond the vector', () =>
    using(async (engine) => {
      await expect(engine.readParameters(new Float32Array(2), COUNT - 1)).rejects.toThrow(/window/);
      await expect(engine.load(new Float32Array(COUNT - 1))).rejects.toThrow(/expected all/);
    }));
});

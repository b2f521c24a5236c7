import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import type { AdamWSettings, Engine, EngineBackend } from '../../../../src-worker/train/engine/engine.ts';
import { referenceBackend } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { sketchGradient } from '../../../../src-worker/train/engine/sketch.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { relativeError, TINY, testBatch, testWeights } from './support.ts';

const COUNT = parameterCount(TINY);
const ADAMW: AdamWSettings = { lr: 1e-2, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 };

/** What every engine keeps to, however it computes. */
export const engineContract = (name: string, backend: EngineBackend, threads: number): void => {
  describe(`engine contract: ${name}`, () => keepsTheContract(name, backend, threads));
};

function keepsTheContract(name: string, backend: EngineBackend, threads: number): void {
  // One for all tests: compiling the shaders of a graphics card takes longer than all of them.
  let only: Engine;
  const throttle = { share: 1 };
  beforeAll(async () => {
    await buildKernels();
    only = await backend.create(TINY, { maxSequences: 4, threads, throttle });
  });
  afterAll(() => only.dispose());

  async function using<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    await only.load(testWeights(TINY));
    return use(only);
  }

  const parametersOf = async (engine: Engine) => {
    const flat = new Float32Array(COUNT);
    await engine.read('parameters', flat);
    return flat;
  };
  const gradientOf = async (engine: Engine) => {
    const flat = new Float32Array(COUNT);
    await engine.read('gradient', flat);
    return flat;
  };
  const step = async (engine: Engine, seed: number) => {
    const { loss } = await engine.gradient([testBatch(TINY, 2, seed)]);
    await engine.optimizerStep(ADAMW);
    return loss;
  };

  it('probe says what the machine offers', async () => {
    expect(await backend.probe()).toMatchObject({ available: true, capabilities: { isDeterministic: true } });
  });

  // The first that touches the engine: a process that finds a snapshot restores it and never loads.
  it('trains on weights that were restored before any were loaded', async () => {
    const weights = testWeights(TINY);
    await only.write('parameters', weights);
    await only.zeroMoments();
    const { loss } = await only.gradient([testBatch(TINY, 2, 1)]);
    const norm = await only.gradNorm();
    expect(norm).toBeGreaterThan(0);
    await only.load(weights);
    expect((await only.gradient([testBatch(TINY, 2, 1)])).loss).toBe(loss);
    expect(await only.gradNorm()).toBe(norm);
  });

  it('gives back the parameters it was loaded with', () =>
    using(async (engine) => {
      expect(await parametersOf(engine)).toEqual(testWeights(TINY));
    }));

  it('reads and writes windows', () =>
    using(async (engine) => {
      const before = testWeights(TINY);
      for (const vector of ['parameters', 'm', 'v'] as const) {
        await engine.write(vector, Float32Array.of(5, 6, 7), 11);
        const window = new Float32Array(5);
        await engine.read(vector, window, 10);
        const [left, right] = vector === 'parameters' ? [before[10], before[14]] : [0, 0];
        expect([...window]).toEqual([left, 5, 6, 7, right]);
      }
    }));

  it('evaluates to the loss of a micro-step and leaves the gradient alone', () =>
    using(async (engine) => {
      const first = testBatch(TINY, 2, 1);
      const second = testBatch(TINY, 3, 2);
      const { loss } = await engine.gradient([first]);
      const gradient = await gradientOf(engine);
      const evaluated = await engine.losses([first, second]);
      expect(await gradientOf(engine)).toEqual(gradient);
      expect(evaluated).toEqual([loss, (await engine.gradient([second])).loss]);
    }));

  it('accumulated parts of a batch make the gradient of the whole', () =>
    using(async (engine) => {
      const { ids } = testBatch(TINY, 4);
      const targets = ids.map((id) => (id * 5 + 1) % TINY.vocab);
      const { loss } = await engine.gradient([{ ids, targets }]);
      const whole = await gradientOf(engine);
      const parts = [0, 1, 2, 3].map((part) => {
        const range = [part * TINY.context, (part + 1) * TINY.context] as const;
        return { ids: ids.slice(...range), targets: targets.slice(...range) };
      });
      expect((await engine.gradient(parts)).loss).toBeCloseTo(loss, 5);
      expect(relativeError(await gradientOf(engine), whole)).toBeLessThan(2e-6);
    }));

  it('a gradient forgets the one before', () =>
    using(async (engine) => {
      const batch = testBatch(TINY, 2, 3);
      await engine.gradient([batch]);
      const expected = await gradientOf(engine);
      await engine.gradient([testBatch(TINY, 4, 4)]);
      await engine.gradient([batch]);
      expect(await gradientOf(engine)).toEqual(expected);
    }));

  it('gradNorm is the L2 norm of the gradient', () =>
    using(async (engine) => {
      await engine.gradient([testBatch(TINY, 2)]);
      const norm = Math.sqrt((await gradientOf(engine)).reduce((sum, g) => sum + g * g, 0));
      expect(Math.abs((await engine.gradNorm()) / norm - 1)).toBeLessThan(1e-6);
    }));

  it('clips by the global norm', () =>
    using(async (engine) => {
      await engine.gradient([testBatch(TINY, 2)]);
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
      await engine.write('parameters', Float32Array.of(Number.NaN), ids[0]! * TINY.width);
      await engine.gradient([{ ids, targets }]);
      const before = await parametersOf(engine);
      expect((await engine.optimizerStep(ADAMW)).applied).toBe(false);
      expect(await parametersOf(engine)).toEqual(before);
      expect(engine.steps).toBe(0);
    }));

  it('goes on from a snapshot exactly as if nothing had happened', () =>
    using(async (engine) => {
      for (let k = 0; k < 3; k++) await step(engine, k);
      expect(engine.steps).toBe(3);
      const vectors = ['parameters', 'm', 'v'] as const;
      const kept = vectors.map(() => new Float32Array(COUNT));
      for (const [i, vector] of vectors.entries()) await engine.read(vector, kept[i]!);
      for (let k = 3; k < 5; k++) await step(engine, k);
      const expected = await parametersOf(engine);
      await engine.load(new Float32Array(COUNT));
      for (const [i, vector] of vectors.entries()) await engine.write(vector, kept[i]!);
      engine.setSteps(3);
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

  it('works for a share of its time without another number', () =>
    using(async (engine) => {
      const expected = await step(engine, 1);
      const parameters = await parametersOf(engine);
      await engine.load(testWeights(TINY));
      throttle.share = 0.5;
      const found = await step(engine, 1);
      throttle.share = 1;
      expect(found).toBe(expected);
      expect(await parametersOf(engine)).toEqual(parameters);
    }));

  it('a gradient that is given up leaves everything but itself as it was', () =>
    using(async (engine) => {
      await step(engine, 1);
      const [parameters, batch] = [await parametersOf(engine), testBatch(TINY, 2, 3)];
      const { loss } = await engine.gradient([batch]);
      const expected = await gradientOf(engine);
      const signal = AbortSignal.abort(new Error('given up'));
      await expect(engine.gradient([batch], { signal })).rejects.toThrow('given up');
      expect(await parametersOf(engine)).toEqual(parameters);
      expect(await engine.gradient([batch])).toEqual({ loss, sketches: [] });
      expect(await gradientOf(engine)).toEqual(expected);
      expect(engine.steps).toBe(1);
    }));

  it('zeroed moments make the next step a first step', () =>
    using(async (engine) => {
      await step(engine, 1);
      await engine.zeroMoments();
      expect(engine.steps).toBe(0);
      for (const vector of ['m', 'v'] as const) {
        const moments = new Float32Array(COUNT).fill(1);
        await engine.read(vector, moments);
        expect(moments.every((x) => x === 0)).toBe(true);
      }
    }));

  // Eighty steps are long for a processor that plays a graphics card.
  it.skipIf(name === 'gpu' && !process.env.BUTTERFLY_LONG)('learns one batch by heart', () =>
    using(async (engine) => {
      const batch = testBatch(TINY, 1);
      let loss = Number.POSITIVE_INFINITY;
      for (let k = 0; k < 80; k++) {
        loss = (await engine.gradient([batch])).loss;
        await engine.optimizerStep({ ...ADAMW, weightDecay: 0 });
      }
      expect(loss).toBeLessThan(0.1);
    }),
  );

  it('refuses a batch that does not fit', () =>
    using(async (engine) => {
      const { ids, targets } = testBatch(TINY, 5);
      await expect(engine.gradient([{ ids, targets }])).rejects.toThrow(/planned for 4/);
      const torn = { ids: ids.slice(0, 5), targets: targets.slice(0, 5) };
      await expect(engine.gradient([torn])).rejects.toThrow(/whole sequences/);
      const alien = ids.slice(0, TINY.context).fill(TINY.vocab);
      const one = { ids: alien, targets: targets.slice(0, TINY.context) };
      await expect(engine.losses([one])).rejects.toThrow(/beyond the vocabulary/);
    }));

  it('takes gradients and losses at a base beside the parameters, which stay', () =>
    using(async (engine) => {
      const batch = testBatch(TINY, 2);
      const weights = testWeights(TINY, 5);
      const base = inMemory(weights);
      const here = (await engine.losses([batch]))[0]!;
      const there = await engine.atBase(base, async () => {
        const [loss] = await engine.losses([batch]);
        return { loss, same: (await engine.gradient([batch])).loss, gradient: await gradientOf(engine) };
      });
      expect(await parametersOf(engine)).toEqual(testWeights(TINY));
      expect((await engine.losses([batch]))[0]).toBe(here);
      await engine.load(weights);
      const { loss } = await engine.gradient([batch]);
      expect(there).toEqual({ loss, same: loss, gradient: await gradientOf(engine) });
      expect(loss).not.toBe(here);
    }));

  it('goes back to the parameters after work at the base that failed, and steps nothing meanwhile', () =>
    using(async (engine) => {
      const batch = testBatch(TINY, 2);
      const [here] = await engine.losses([batch]);
      const stepped = engine.atBase(inMemory(testWeights(TINY, 5)), () => engine.optimizerStep(ADAMW));
      await expect(stepped).rejects.toThrow(/while the base/);
      expect(await engine.losses([batch])).toEqual([here]);
    }));

  it('a step at the base moves the parameters by the gradient taken there', () =>
    using(async (engine) => {
      const batch = testBatch(TINY, 2);
      const weights = testWeights(TINY, 5);
      const base = inMemory(weights);
      const plain = { ...ADAMW, beta1: 0, beta2: 0, eps: 1, weightDecay: 0, lr: 1, clip: 1e-3 };
      await engine.atBase(base, () => engine.gradient([batch]));
      const gradient = await gradientOf(engine);
      const { gradNorm } = await engine.optimizerStep(plain);
      const after = await parametersOf(engine);
      const before = testWeights(TINY);
      const moved = before.map((p, i) => (p - after[i]!) * (gradNorm / 1e-3));
      expect(relativeError(moved, gradient)).toBeLessThan(0.02);
    }));

  it('sketches the gradient of each micro-batch, and holds the gradient of all', () =>
    using(async (engine) => {
      const batches = [testBatch(TINY, 2, 1), testBatch(TINY, 3, 2)];
      const sketchSeed = Uint8Array.of(3, 8);
      const { loss, sketches } = await engine.gradient(batches, { sketchSeed });
      const gradient = await gradientOf(engine);
      expect(await engine.gradient(batches)).toEqual({ loss, sketches: [] });
      expect(await gradientOf(engine)).toEqual(gradient);
      expect(sketches).toHaveLength(2);
      for (const [index, batch] of batches.entries()) {
        const alone = await engine.gradient([batch], { sketchSeed });
        expect(alone.sketches).toEqual([sketches[index]]);
        const expected = sketchGradient(await gradientOf(engine), engine.layout, sketchSeed);
        expect(relativeError(sketches[index]!, expected)).toBeLessThan(1e-6);
        expect(await engine.gradient([batch])).toEqual({ loss: alone.loss, sketches: [] });
      }
    }));

  it('refuses a window beyond the vector', () =>
    using(async (engine) => {
      await expect(engine.read('m', new Float32Array(2), COUNT - 1)).rejects.toThrow(/window/);
      await expect(engine.load(new Float32Array(COUNT - 1))).rejects.toThrow(/expected all/);
    }));
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { createCpuEngine } from '../../../../src-worker/train/engine/cpu/create.ts';
import type { Engine } from '../../../../src-worker/train/engine/engine.ts';
import { engineOn, type Station } from '../../../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { createReferenceEngine } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { buildKernels } from '../../../../tools/tasks/build-kernels.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';
import { relativeError, TINY, testBatch, testWeights } from './support.ts';

const COUNT = parameterCount(TINY);
const ADAMW = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 };
const STEPS = 300;
/** Single losses jump with their batch: a curve is the mean of so many. */
const SMOOTHED = 10;

const lacking = chooseSoftwareGpu();

async function losses(engine: Engine, from: number, to: number): Promise<number[]> {
  const found: number[] = [];
  for (let k = from; k < to; k += 1) {
    found.push((await engine.gradient([testBatch(TINY, 2, k % 12)])).loss);
    await engine.optimizerStep(ADAMW);
  }
  return found;
}

const curve = (values: readonly number[]): number[] =>
  Array.from({ length: values.length / SMOOTHED }, (_, i) => {
    const part = values.slice(i * SMOOTHED, (i + 1) * SMOOTHED);
    return part.reduce((sum, loss) => sum + loss, 0) / SMOOTHED;
  });

/** Long where a processor plays a card: hundreds of steps. */
describe.skipIf(lacking !== null || !process.env.BUTTERFLY_LONG)('training on a graphics card', () => {
  let station: Station;
  let whole: Engine;
  let spare: Engine;
  let expected: readonly number[];
  beforeAll(async () => {
    await buildKernels();
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    station = { gpu, pipelines: new Pipelines(gpu) };
    whole = await engineOn(station, TINY, { maxSequences: 2 });
    const fixed = { passSequences: 1, isCheckpointed: true, hasBaseBeside: false, hasHalfMoments: true };
    spare = await engineOn(station, TINY, { maxSequences: 2, fixed });
    const reference = createReferenceEngine(TINY, 2);
    await reference.load(testWeights(TINY));
    expected = curve(await losses(reference, 0, STEPS));
  }, 300_000);
  afterAll(async () => {
    await whole.dispose();
    await spare.dispose();
    station.gpu.dispose();
  });

  it.each(['whole', 'spare'])(
    '%s: the curve of 300 steps is within a hundredth of the reference’s',
    async (name) => {
      const engine = name === 'whole' ? whole : spare;
      await engine.load(testWeights(TINY));
      const found = curve(await losses(engine, 0, STEPS));
      expect(expected.at(-1)).toBeLessThan(expected[0]! / 2);
      for (const [i, loss] of found.entries()) expect(Math.abs(loss / expected[i]! - 1)).toBeLessThan(0.01);
    },
    600_000,
  );

  it('a snapshot of the card goes on on the processor, and one of the processor on the card', async () => {
    const processor = await createCpuEngine(TINY, { maxSequences: 2, threads: 1, isInline: true });
    const handOver = async (from: Engine, to: Engine) => {
      await from.load(testWeights(TINY));
      await losses(from, 0, 20);
      await to.load(new Float32Array(COUNT));
      for (const vector of ['parameters', 'm', 'v'] as const) {
        const flat = new Float32Array(COUNT);
        await from.read(vector, flat);
        await to.write(vector, flat);
      }
      to.setSteps(from.steps);
      const [stayed, went] = [await losses(from, 20, 30), await losses(to, 20, 30)];
      const [here, there] = [new Float32Array(COUNT), new Float32Array(COUNT)];
      await from.read('parameters', here);
      await to.read('parameters', there);
      return { losses: relativeError(went, stayed), parameters: relativeError(there, here) };
    };
    for (const [from, to] of [
      [whole, processor],
      [processor, whole],
    ] as const) {
      const apart = await handOver(from, to);
      expect(apart.losses).toBeLessThan(1e-5);
      // Keys' biases have no gradient but rounding, which AdamW makes steps of.
      expect(apart.parameters).toBeLessThan(1e-3);
    }
    await processor.dispose();
  }, 300_000);
});

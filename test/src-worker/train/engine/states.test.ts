import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import type { Engine } from '../../../../src-worker/train/engine/engine.ts';
import { engineOn, type Station } from '../../../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { createReferenceEngine } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';
import { TINY, testBatch, testWeights } from './support.ts';

const COUNT = parameterCount(TINY);
const ADAMW = { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.1, clip: 1 };
const STEPS = 30;

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`States in 16 bits are not tested: ${lacking}.`);

async function train(engine: Engine, from: number, to: number) {
  const losses: number[] = [];
  for (let k = from; k < to; k += 1) {
    losses.push((await engine.gradient([testBatch(TINY, 2, k % 3)])).loss);
    await engine.optimizerStep(ADAMW);
  }
  return losses;
}

async function vectorOf(engine: Engine, vector: 'parameters' | 'm' | 'v') {
  const flat = new Float32Array(COUNT);
  await engine.read(vector, flat);
  return flat;
}

/** Length of the difference over that of the way from the first weights. */
function apart(found: Float32Array, expected: Float32Array): number {
  const start = testWeights(TINY);
  let off = 0;
  let way = 0;
  for (let i = 0; i < COUNT; i += 1) {
    off += (found[i]! - expected[i]!) ** 2;
    way += (expected[i]! - start[i]!) ** 2;
  }
  return Math.sqrt(off / way);
}

describe.skipIf(lacking !== null)('moments in 16 bits', () => {
  let station: Station;
  let half: Engine;
  let whole: Engine;
  beforeAll(async () => {
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    station = { gpu, pipelines: new Pipelines(gpu) };
    half = await engineOn(station, TINY, { maxSequences: 2, fixed: { hasHalfMoments: true } });
    whole = await engineOn(station, TINY, { maxSequences: 2 });
  }, 120_000);
  afterAll(async () => {
    await half.dispose();
    await whole.dispose();
    station.gpu.dispose();
  });

  it('steps of AdamW stay near those of the reference', async () => {
    const reference = createReferenceEngine(TINY, 2);
    await reference.load(testWeights(TINY));
    await half.load(testWeights(TINY));
    const expected = await train(reference, 0, STEPS);
    const found = await train(half, 0, STEPS);
    expect(expected[STEPS - 1]).toBeLessThan(expected[0]! - 0.5);
    expect(apart(await vectorOf(half, 'parameters'), await vectorOf(reference, 'parameters'))).toBeLessThan(
      0.015,
    );
    for (const [k, loss] of found.entries()) expect(Math.abs(loss / expected[k]! - 1)).toBeLessThan(1e-3);
  });

  it('move although a step changes them by less than half of their last place', async () => {
    await half.load(testWeights(TINY));
    await half.write('v', new Float32Array(COUNT).fill(1));
    await half.gradient([testBatch(TINY, 2, 1)]);
    // A thousandth less with each step: to the nearest number of 16 bits that would be 1 for ever.
    for (let k = 0; k < STEPS; k += 1) await half.optimizerStep({ ...ADAMW, lr: 0, clip: 1e-3 });
    const mean = (await vectorOf(half, 'v')).reduce((sum, value) => sum + value, 0) / COUNT;
    expect(Math.abs(mean / ADAMW.beta2 ** STEPS - 1)).toBeLessThan(1e-3);
  });

  it('two runs agree bit for bit', async () => {
    const run = async () => {
      await half.load(testWeights(TINY));
      await train(half, 0, 3);
      return [await vectorOf(half, 'parameters'), await vectorOf(half, 'm'), await vectorOf(half, 'v')];
    };
    expect(await run()).toEqual(await run());
  });

  it('a window may begin and end anywhere', async () => {
    await half.load(testWeights(TINY));
    await half.write(
      'm',
      Float32Array.from({ length: 20 }, (_, i) => i),
      10,
    );
    await half.write('m', Float32Array.of(50, 60, 70), 13);
    const window = new Float32Array(9);
    await half.read('m', window, 9);
    expect([...window]).toEqual([0, 0, 1, 2, 50, 60, 70, 6, 7]);
  });

  it('go on from a snapshot as if nothing had happened, and from one of an engine with whole moments', async () => {
    await half.load(testWeights(TINY));
    await train(half, 0, 3);
    const kept = {
      parameters: await vectorOf(half, 'parameters'),
      m: await vectorOf(half, 'm'),
      v: await vectorOf(half, 'v'),
    };
    await train(half, 3, 5);
    const expected = await vectorOf(half, 'parameters');
    const restored = async (engine: Engine) => {
      await engine.load(new Float32Array(COUNT));
      for (const vector of ['parameters', 'm', 'v'] as const) await engine.write(vector, kept[vector]);
      engine.setSteps(3);
      await train(engine, 3, 5);
      return vectorOf(engine, 'parameters');
    };
    expect(await restored(half)).toEqual(expected);
    expect(apart(await restored(whole), expected)).toBeLessThan(0.01);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import { hex } from '../../../../src-shared/units.ts';
import type { Engine } from '../../../../src-worker/train/engine/engine.ts';
import { engineOn, type Station } from '../../../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import type { GpuEngine } from '../../../../src-worker/train/engine/gpu/gpu-engine.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { createReferenceEngine } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { EngineLocal } from '../../../../src-worker/train/loop/engine-local.ts';
import { Disk } from '../../../../src-worker/train/state/disk.ts';
import { readSnapshot, writeSnapshot } from '../../../../src-worker/train/state/snapshot.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { chooseHalfGpu, HALF_ADAPTER } from './software-gpu.ts';
import { relativeError, testBatch, testWeights } from './support.ts';

/** No size but the width's fits a tile. */
const ODD: ModelConfig = { layers: 2, width: 24, heads: 3, context: 70, vocab: 150 };
/** Under `NARROW` the vocabulary lies in two shards, and a sequence in two runs. */
const TALL: ModelConfig = { layers: 2, width: 40, heads: 5, context: 70, vocab: 300 };
const NARROW = { bufferBytes: 256 * TALL.width * 4, bindingBytes: 256 * TALL.width * 4 };
const BATCHES = [testBatch(ODD, 2, 1), testBatch(ODD, 1, 2)];
const ADAMW = { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-5, weightDecay: 0.1, clip: 1 };
const SEED = Uint8Array.of(3, 8);

const lacking = await chooseHalfGpu();
if (lacking) console.warn(`Training in float16 is not tested: ${lacking}.`);

/** Weights that float16 has, so that what differs was rounded on the way. */
const weights = (config = ODD) => Float32Array.from(Float16Array.from(testWeights(config)));

const vectorOf = async (engine: Engine, vector: 'gradient' | 'parameters') => {
  const flat = new Float32Array(parameterCount(engine.config));
  await engine.read(vector, flat);
  return flat;
};

async function outcomeOf(engine: Engine) {
  // As a snapshot is restored: nothing was loaded before.
  await engine.write('parameters', weights(engine.config));
  await engine.zeroMoments();
  const { loss, sketches } = await engine.gradient(BATCHES, { sketchSeed: SEED });
  const gradient = await vectorOf(engine, 'gradient');
  const { gradNorm, applied } = await engine.optimizerStep(ADAMW);
  return { loss, sketches, gradient, gradNorm, applied, parameters: await vectorOf(engine, 'parameters') };
}

/** Engines of this file are made of shaders that take long to compile where a processor plays a card. */
const KINDS = process.env.BUTTERFLY_LONG ? (['whole', 'narrow'] as const) : (['whole'] as const);

/** Of the largest value in a tensor: what the rounding of float16, 2^-11, comes to after two layers. */
const GRADIENT_TOLERANCE = 2e-3;
/** The same where twice as many tokens share a gradient. */
const TALL_TOLERANCE = 2.5e-3;

describe.skipIf(lacking !== null)('GPU engine in float16', () => {
  const engines: Partial<Record<'whole' | 'narrow', GpuEngine>> = {};
  let station: Station;
  const reference = createReferenceEngine(ODD, 2);
  const configs = { whole: ODD, narrow: TALL } as const;
  beforeAll(async () => {
    const gpu = await openDevice({ flags: HALF_ADAPTER });
    station = { gpu, pipelines: new Pipelines(gpu) };
    for (const kind of KINDS)
      engines[kind] = await engineOn(station, configs[kind], {
        maxSequences: 2,
        precision: 'f16',
        ...(kind === 'narrow' && { limits: NARROW }),
      });
  });
  afterAll(async () => {
    for (const engine of Object.values(engines)) await engine.dispose();
    station.gpu.dispose();
  });

  const expectClose = (found: Float32Array, expected: Float32Array, tolerance: number, config = ODD) => {
    for (const { name, offset, length } of parameterLayout(config))
      expect(relativeError(found, expected, offset, length), name).toBeLessThan(tolerance);
  };

  it.each(KINDS)(
    '%s: loss, gradients, sketches and a step agree with the reference',
    async (kind) => {
      const found = await outcomeOf(engines[kind]!);
      const expected = await outcomeOf(createReferenceEngine(configs[kind], 2));
      expect(found.applied).toBe(true);
      expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-4);
      const tolerance = kind === 'whole' ? GRADIENT_TOLERANCE : TALL_TOLERANCE;
      expectClose(found.gradient, expected.gradient, tolerance, configs[kind]);
      // A first step has the length of the rate wherever the gradient is not zero, whatever its size.
      expectClose(found.parameters, expected.parameters, 1e-2, configs[kind]);
      expect(Math.abs(found.gradNorm / expected.gradNorm - 1)).toBeLessThan(1e-4);
      for (const [k, sketch] of found.sketches.entries())
        expect(relativeError(sketch, expected.sketches[k]!)).toBeLessThan(5e-4);
    },
    240_000,
  );

  it('two runs agree bit for bit', async () => {
    expect(await outcomeOf(engines.whole!)).toEqual(await outcomeOf(engines.whole!));
  });

  it('with the base in the place of the parameters, and with layers computed again, all is the same to the bit', async () => {
    const spare = { hasBaseBeside: false, isCheckpointed: true } as const;
    const options = { maxSequences: 2, precision: 'f16', fixed: spare } as const;
    const sparing = await engineOn(station, ODD, options);
    const base = inMemory(testWeights(ODD, 5));
    const outcome = async (engine: Engine) => {
      await engine.load(weights());
      const there = await engine.atBase(base, async () => {
        const { loss } = await engine.gradient(BATCHES);
        return { loss, gradient: await vectorOf(engine, 'gradient') };
      });
      await engine.optimizerStep(ADAMW);
      const { loss } = await engine.gradient(BATCHES);
      return { there, loss, parameters: await vectorOf(engine, 'parameters') };
    };
    expect(await outcome(sparing)).toEqual(await outcome(engines.whole!));
    // The parameters stay on the device, and what passes read of them is made anew there.
    const look = (engine: Engine) => engine.atBase(base, () => engine.losses(BATCHES));
    const there = await look(engines.whole!);
    const before = sparing.busBytes;
    expect([await look(sparing), await look(sparing)]).toEqual([there, there]);
    expect(await sparing.losses(BATCHES)).toEqual(await engines.whole!.losses(BATCHES));
    expect((sparing.busBytes - before) / (4 * parameterCount(ODD))).toBeLessThan(0.75);
    expect(await look(sparing)).toEqual(there);
    await sparing.dispose();
  });

  /** Weights whose gradients do not fit into float16 at the first loss scale, and do a few halvings later. */
  const steep = () => {
    const flat = weights();
    const { offset, length } = parameterLayout(ODD).find(({ name }) => name === 'lnfw')!;
    for (let i = offset; i < offset + length; i += 1) flat[i]! *= 512;
    return flat;
  };

  it('a step whose gradient does not fit is not taken, and the loss scale halves until it does', async () => {
    const engine = engines.whole!;
    await engine.load(steep());
    const scales: number[] = [];
    for (let tries = 0; tries < 15; tries += 1) {
      await engine.gradient(BATCHES);
      const { applied, lossScale, gradNorm } = await engine.optimizerStep(ADAMW);
      if (applied) break;
      expect(gradNorm).toBe(Number.POSITIVE_INFINITY);
      expect([await vectorOf(engine, 'parameters'), engine.steps]).toEqual([steep(), 0]);
      scales.push(lossScale!);
    }
    expect(scales.length).toBeGreaterThan(0);
    expect(scales).toEqual(scales.map((_, i) => 2 ** (14 - i)));
    expect(engine.steps).toBe(1);
    await reference.load(steep());
    await reference.gradient(BATCHES);
    expectClose(
      await vectorOf(engine, 'gradient'),
      await vectorOf(reference, 'gradient'),
      GRADIENT_TOLERANCE,
    );
  });

  it('what goes on from a snapshot comes to the same bits as what was never interrupted, loss scale included', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'half-'));
    const elements = parameterCount(ODD);
    const baseId = hex('b5'.repeat(32));
    /** A step, and what gradients are scaled by after it. */
    const stepOf = async (engine: Engine) => {
      const { loss } = await engine.gradient(BATCHES);
      return { loss, ...(await engine.optimizerStep(ADAMW)), scaling: await engine.lossScaling!.read() };
    };
    const [before, after] = [
      engines.whole!,
      await engineOn(station, ODD, { maxSequences: 2, precision: 'f16' }),
    ];
    try {
      await before.load(steep());
      const skipped: boolean[] = [];
      for (let step = 0; step < 15 && skipped.at(-1) !== false; step += 1)
        skipped.push(!(await stepOf(before)).applied);
      expect(skipped.filter(Boolean).length).toBeGreaterThan(0);

      const path = join(folder, 'local-1.snap');
      const disk = new Disk();
      await writeSnapshot(disk, path, new EngineLocal(before, { trains: true }).image()!, { baseId });
      // As a start has it: what was trained on before says nothing of what is restored.
      await after.load(weights());
      await after.gradient(BATCHES);
      await after.optimizerStep(ADAMW);
      await new EngineLocal(after, { trains: true }).restore((await readSnapshot(path, elements, baseId))!);
      expect(await after.lossScaling!.read()).toEqual({
        scale: 2 ** (15 - skipped.length + 1),
        fittedSteps: 1,
      });
      for (const _ of [1, 2]) expect(await stepOf(after)).toEqual(await stepOf(before));
      expect(await vectorOf(after, 'parameters')).toEqual(await vectorOf(before, 'parameters'));

      // What no engine comes to is not taken over: as at the start, where gradients are not lost.
      after.lossScaling!.write({ scale: 3, fittedSteps: 0 });
      expect(await after.lossScaling!.read()).toEqual({ scale: 2 ** 15, fittedSteps: 0 });
    } finally {
      await after.dispose();
      await rm(folder, { recursive: true });
    }
  });

  it('sketches of a gradient that does not fit at first are as exact as others', async () => {
    const sketchesOf = async (engine: Engine) => {
      await engine.load(steep());
      return (await engine.gradient(BATCHES, { sketchSeed: SEED })).sketches;
    };
    const expected = await sketchesOf(reference);
    for (const [k, sketch] of (await sketchesOf(engines.whole!)).entries())
      expect(relativeError(sketch, expected[k]!)).toBeLessThan(1e-3);
  });

  it('weights that give no number are stepped by nobody', async () => {
    const engine = engines.whole!;
    const flat = weights();
    flat[BATCHES[0]!.ids[0]! * ODD.width] = Number.NaN;
    await engine.load(flat);
    await engine.gradient(BATCHES);
    expect((await engine.optimizerStep(ADAMW)).applied).toBe(false);
    expect(await vectorOf(engine, 'parameters')).toEqual(flat);
  });
});

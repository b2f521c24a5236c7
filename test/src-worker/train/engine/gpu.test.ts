import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { planBytes } from '../../../../src-shared/contract/memory-plan.ts';
import { type ModelConfig, parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import type { Engine } from '../../../../src-worker/train/engine/engine.ts';
import { engineOn, type Station } from '../../../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../../../src-worker/train/engine/gpu/device.ts';
import type { GpuEngine } from '../../../../src-worker/train/engine/gpu/gpu-engine.ts';
import { Pipelines } from '../../../../src-worker/train/engine/gpu/pipelines.ts';
import { sketchSums } from '../../../../src-worker/train/engine/gpu/wgsl/sketch.ts';
import { createReferenceEngine } from '../../../../src-worker/train/engine/reference/reference-engine.ts';
import { inMemory } from '../../../../src-worker/train/vector-source.ts';
import { chooseSoftwareGpu } from './software-gpu.ts';
import { relativeError, testBatch, testWeights } from './support.ts';

/**
 * More queries than a workgroup, a vocabulary in two shards and a batch in two runs of the head under the limits below,
 * and no size but the width's that fits a tile.
 */
const ODD: ModelConfig = { layers: 2, width: 80, heads: 5, context: 70, vocab: 520 };
const BATCHES = [testBatch(ODD, 2, 1), testBatch(ODD, 1, 2)];
/** 512 tokens of the embedding fit into a window, or what is widest of one sequence; into a buffer hardly anything beside. */
const NARROW = { bufferBytes: 512 * ODD.width * 4, bindingBytes: 512 * ODD.width * 4 };
const ADAMW = { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-5, weightDecay: 0.1, clip: 1 };
/**
 * A step of a given gradient, relative to the largest weight: what a weight keeps, its product with that, the difference and
 * the result are each rounded by 2^-24 at most. The step itself is a hundredth of a weight: its dozen roundings add less
 * than one.
 */
const STEP_TOLERANCE = 5 * 2 ** -24;

const lacking = chooseSoftwareGpu();
if (lacking) console.warn(`The engine on a graphics card is not tested: ${lacking}.`);

async function outcomeOf(engine: Engine, batches = BATCHES) {
  const sketchSeed = Uint8Array.of(3, 8);
  await engine.load(testWeights(ODD));
  const { loss, sketches } = await engine.gradient(batches, { sketchSeed });
  const gradient = new Float32Array(parameterCount(ODD));
  await engine.read('gradient', gradient);
  const { gradNorm } = await engine.optimizerStep(ADAMW);
  const parameters = new Float32Array(parameterCount(ODD));
  await engine.read('parameters', parameters);
  return { loss, sketches, gradient, gradNorm, parameters };
}

/**
 * What the reference makes of the weights by this gradient. From its own gradient it would come elsewhere: the first step
 * is lr g / (|g| + eps), which where g is small is as many as lr / eps = 300 times what a gradient is off by, and that is
 * measured for itself.
 */
async function steppedBy(gradient: Float32Array): Promise<Float32Array> {
  const reference = createReferenceEngine(ODD, 2);
  await reference.load(testWeights(ODD));
  await reference.write('gradient', gradient);
  await reference.optimizerStep(ADAMW);
  const parameters = new Float32Array(parameterCount(ODD));
  await reference.read('parameters', parameters);
  return parameters;
}

describe.skipIf(lacking !== null)('GPU engine', () => {
  const engines: Record<string, GpuEngine> = {};
  let station: Station;
  let expected: Awaited<ReturnType<typeof outcomeOf>>;
  beforeAll(async () => {
    expected = await outcomeOf(createReferenceEngine(ODD, 2));
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    station = { gpu, pipelines: new Pipelines(gpu) };
    engines.whole = await engineOn(station, ODD, { maxSequences: 3 });
    engines.narrow = await engineOn(station, ODD, { maxSequences: 3, limits: NARROW });
    // Rows as a card has them, by more threads than on a processor that plays one.
    engines.card = await engineOn(station, ODD, { maxSequences: 3, tilingOf: () => ({ family: 'G0' }) });
    engines.checkpointed = await engineOn(station, ODD, {
      ...{ maxSequences: 3, fixed: { isCheckpointed: true } },
    });
    const fixed = { passSequences: 2 };
    engines.singly = await engineOn(station, ODD, {
      maxSequences: 3,
      fixed: { ...fixed, hasBaseBeside: false },
    });
    engines.beside = await engineOn(station, ODD, { maxSequences: 3, fixed });
  }, 240_000);
  afterAll(async () => {
    for (const engine of Object.values(engines)) await engine.dispose();
    station.gpu.dispose();
  });

  it.each(['whole', 'narrow', 'card'])(
    '%s: loss, gradients, sketches and a step agree with the reference',
    async (name) => {
      const found = await outcomeOf(engines[name]!);
      const stepped = await steppedBy(found.gradient);
      expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-5);
      for (const { name: tensor, offset, length } of parameterLayout(ODD)) {
        expect(relativeError(found.gradient, expected.gradient, offset, length), tensor).toBeLessThan(5e-6);
        expect(relativeError(found.parameters, stepped, offset, length), tensor).toBeLessThan(STEP_TOLERANCE);
      }
      expect(Math.abs(found.gradNorm / expected.gradNorm - 1)).toBeLessThan(1e-6);
      for (const [k, sketch] of found.sketches.entries())
        expect(relativeError(sketch, expected.sketches[k]!)).toBeLessThan(1e-5);
    },
  );

  it('cuts into shards, runs and windows change nothing but rounding', async () => {
    const narrow = await outcomeOf(engines.narrow!);
    const whole = await outcomeOf(engines.whole!);
    expect(Math.abs(narrow.loss - whole.loss)).toBeLessThan(1e-6);
    expect(relativeError(narrow.gradient, whole.gradient)).toBeLessThan(1e-6);
  });

  it('layers that are computed again give the same gradients to the bit, with less memory', async () => {
    const { checkpointed, whole } = engines;
    expect(await outcomeOf(checkpointed!)).toEqual(await outcomeOf(whole!));
    const saved = whole!.plan.bytes.activations - checkpointed!.plan.bytes.activations;
    const within = 15 * ODD.width + 4 + ODD.heads;
    const rows = Math.ceil((3 * ODD.context) / 64) * 64;
    expect(saved).toBe((ODD.layers - 1) * 4 * rows * within);
  });

  it('a gradient may be given up between two slices, and the next one is right', async () => {
    const expected = await outcomeOf(engines.whole!);
    const giveUp = new AbortController();
    const { queue } = station.gpu.device;
    const submit = vi.spyOn(queue, 'submit').mockImplementationOnce((commands) => {
      giveUp.abort(new Error('given up'));
      submit.mockRestore();
      return queue.submit(commands);
    });
    const given = engines.whole!.gradient(BATCHES, { signal: giveUp.signal });
    await expect(given).rejects.toThrow('given up');
    expect(await outcomeOf(engines.whole!)).toEqual(expected);
  });

  it('two runs agree bit for bit', async () => {
    expect(await outcomeOf(engines.whole!)).toEqual(await outcomeOf(engines.whole!));
  });

  it('a micro-batch in several passes, some of them not full, is the same but for rounding', async () => {
    const { whole, singly } = engines;
    const batches = [testBatch(ODD, 3, 1), testBatch(ODD, 2, 2)];
    const [expected, found] = [await outcomeOf(whole!, batches), await outcomeOf(singly!, batches)];
    expect(Math.abs(found.loss - expected.loss)).toBeLessThan(1e-6);
    expect(relativeError(found.gradient, expected.gradient)).toBeLessThan(1e-6);
    for (const [k, sketch] of found.sketches.entries())
      expect(relativeError(sketch, expected.sketches[k]!)).toBeLessThan(1e-5);
    const losses = await whole!.losses(batches);
    for (const [k, loss] of (await singly!.losses(batches)).entries())
      expect(Math.abs(loss - losses[k]!)).toBeLessThan(1e-6);
  });

  it('a base that stands in for the parameters gives what one beside them gives, and makes way again', async () => {
    const base = inMemory(testWeights(ODD, 5));
    const at = async (engine: GpuEngine) => {
      await engine.load(testWeights(ODD));
      const [gradient, inside, after] = [1, 2, 3].map(() => new Float32Array(parameterCount(ODD)));
      const { loss } = await engine.atBase(base, async () => {
        const taken = await engine.gradient(BATCHES);
        await engine.read('parameters', inside!);
        return taken;
      });
      await engine.read('gradient', gradient!);
      await engine.read('parameters', after!);
      return { loss, gradient, inside, after, losses: await engine.losses(BATCHES) };
    };
    const found = await at(engines.singly!);
    expect(found).toEqual(await at(engines.beside!));
    expect(found.after).toEqual(testWeights(ODD));
    const saved = engines.beside!.plan.bytes.weights - engines.singly!.plan.bytes.weights;
    expect(saved).toBe(engines.singly!.plan.bytes.weights);
  });

  it('a base without room of its own goes over the bus once, and the parameters come back when they are needed', async () => {
    const engine = engines.singly!;
    const bytes = 4 * parameterCount(ODD);
    const [weights, base] = [testWeights(ODD), inMemory(testWeights(ODD, 5))];
    /** How often as much as all parameters went over the bus. */
    const crossings = async (work: () => Promise<unknown>) => {
      const before = engine.busBytes;
      await work();
      return Math.round((engine.busBytes - before) / bytes);
    };
    const looks = () => engine.atBase(base, () => engine.losses([BATCHES[1]!]));
    await engine.load(weights);
    expect(await crossings(looks)).toBe(2);
    expect(await crossings(looks)).toBe(0);
    const moved = new Float32Array(8).fill(0.5);
    await engine.write('parameters', moved, 3);
    expect(await crossings(looks)).toBe(0);
    expect(await crossings(() => engine.gradient(BATCHES))).toBe(1);
    await engine.optimizerStep(ADAMW);
    const found = new Float32Array(parameterCount(ODD));
    expect(await crossings(looks)).toBe(2);
    await engine.read('parameters', found);
    weights.set(moved, 3);
    const { beside } = engines;
    await beside!.load(weights);
    await beside!.gradient(BATCHES);
    await beside!.optimizerStep(ADAMW);
    const expected = new Float32Array(parameterCount(ODD));
    await beside!.read('parameters', expected);
    expect(found).toEqual(expected);
    // Those that are away need not come back before others take their place.
    expect(await crossings(() => engine.load(weights))).toBe(1);
    await beside!.load(weights);
    expect(await engine.losses(BATCHES)).toEqual(await beside!.losses(BATCHES));
  });

  it('steps down until the plan fits into what can be had, and holds exactly as much', async () => {
    const roomy = planBytes(engines.whole!.plan);
    const tight = await engineOn(station, ODD, { maxSequences: 3, budgetBytes: roomy - 1 });
    expect(tight.plan).toMatchObject({ passSequences: 2, checkpointing: false, budgetBytes: roomy - 1 });
    expect(planBytes(tight.plan)).toBeLessThan(roomy);
    await tight.dispose();
  });

  it('says before it takes any how much memory it needs, when that is more than it may have', async () => {
    const made = engineOn(station, ODD, { maxSequences: 2, budgetBytes: 2 ** 20 });
    await expect(made).rejects.toMatchObject({ code: 'ENGINE_GPU_SMALL', params: { freeMib: 1 } });
  });

  it('says so when a device does not let a buffer be bound', async () => {
    const buffer = station.gpu.device.createBuffer({ size: 256, usage: GPUBufferUsage.UNIFORM });
    const views = Array.from({ length: 4 }, () => ({ buffer, offset: 0, size: 256 }));
    const plan = {
      kernel: sketchSums(),
      views,
      groups: () => [1, 1] as const,
      work: () => ({ operations: 1, bytes: 0 }),
    };
    await expect(station.pipelines.ops([plan])).rejects.toMatchObject({ code: 'INTERNAL' });
    buffer.destroy();
    await engines.whole!.gradNorm();
  });

  it('steps down when the device refuses what was planned', async () => {
    const gpu = { ...station.gpu, device: refusing(station.gpu.device, 2) };
    const stepped = await engineOn({ ...station, gpu }, ODD, { maxSequences: 3 });
    expect(stepped.plan).toMatchObject({ passSequences: 1, checkpointing: false, policy: 'W16' });
    await stepped.dispose();
    const none = { ...station.gpu, device: refusing(station.gpu.device, Number.POSITIVE_INFINITY) };
    await expect(engineOn({ ...station, gpu: none }, ODD, { maxSequences: 3 })).rejects.toMatchObject({
      code: 'ENGINE_GPU_MEMORY',
    });
  });
});

it.skipIf(lacking !== null)(
  'a device that is pulled in mid-step ends the engine, and is told before',
  async () => {
    const whenLost = vi.fn(async () => {});
    const gpu = await openDevice({ flags: ['backend=vulkan'], whenLost });
    const engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, ODD, { maxSequences: 3 });
    await engine.load(testWeights(ODD));
    const { queue } = gpu.device;
    const submit = vi.spyOn(queue, 'submit').mockImplementationOnce((commands) => {
      submit.mockRestore();
      queue.submit(commands);
      gpu.device.destroy();
    });
    const lost = engine.gradient(BATCHES).catch((thrown: unknown) => {
      expect(whenLost).toHaveBeenCalledTimes(1);
      throw thrown;
    });
    await expect(lost).rejects.toMatchObject({ code: 'ENGINE_DEVICE_LOST' });
    await expect(engine.gradNorm()).rejects.toMatchObject({ code: 'ENGINE_DEVICE_LOST' });
    expect(whenLost).toHaveBeenCalledTimes(1);
    gpu.dispose();
  },
);

/** The device, which says of the first buffers that it is out of memory. Two error scopes are asked each time. */
function refusing(device: GPUDevice, times: number): GPUDevice {
  let asked = 0;
  const popErrorScope = async () => {
    const found = await device.popErrorScope();
    asked += 1;
    return asked % 2 === 0 && asked <= 2 * times ? { message: 'out of memory' } : found;
  };
  return new Proxy(device, {
    get(on, name) {
      if (name === 'popErrorScope') return popErrorScope;
      const value: unknown = Reflect.get(on, name, on);
      return typeof value === 'function' ? value.bind(on) : value;
    },
  });
}

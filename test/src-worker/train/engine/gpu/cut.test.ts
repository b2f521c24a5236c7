import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ModelConfig, parameterCount } from '../../../../../src-shared/model/layout.ts';
import { engineOn } from '../../../../../src-worker/train/engine/gpu/create.ts';
import { type GpuDevice, openDevice } from '../../../../../src-worker/train/engine/gpu/device.ts';
import type { GpuEngine } from '../../../../../src-worker/train/engine/gpu/gpu-engine.ts';
import { Pipelines } from '../../../../../src-worker/train/engine/gpu/pipelines.ts';
import { chooseSoftwareGpu } from '../software-gpu.ts';
import { testBatch, testWeights } from '../support.ts';

/** How long a slice may take, so that a small model has dispatches that are too long. */
const slice = vi.hoisted(() => ({ ms: 40 }));
vi.mock('../../../../../src-worker/train/engine/limits.ts', async (original) =>
  Object.defineProperty({ ...(await original<object>()) }, 'SLICE_MS', {
    get: () => slice.ms,
    enumerable: true,
  }),
);

const CONFIG: ModelConfig = { layers: 2, width: 80, heads: 5, context: 70, vocab: 520 };
const BATCHES = [testBatch(CONFIG, 2, 1), testBatch(CONFIG, 1, 2)];
const ADAMW = { lr: 3e-3, beta1: 0.9, beta2: 0.999, eps: 1e-5, weightDecay: 0.1, clip: 1 };

const lacking = chooseSoftwareGpu();

describe.skipIf(lacking !== null)('a dispatch that is longer than a slice', () => {
  let gpu: GpuDevice;
  let engine: GpuEngine;
  beforeAll(async () => {
    gpu = await openDevice({ flags: ['backend=vulkan'] });
    engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, CONFIG, { maxSequences: 2 });
  }, 120_000);
  afterAll(async () => {
    slice.ms = 40;
    await engine.dispose();
    gpu.dispose();
  });

  /** All that comes of a step, and how often something was handed over meanwhile. */
  async function outcome() {
    const submit = vi.spyOn(gpu.device.queue, 'submit');
    await engine.load(testWeights(CONFIG));
    const sketchSeed = Uint8Array.of(3, 8);
    const { loss, sketches } = await engine.gradient(BATCHES, { sketchSeed });
    await engine.optimizerStep(ADAMW);
    const [gradient, parameters] = [0, 1].map(() => new Float32Array(parameterCount(CONFIG)));
    await engine.read('gradient', gradient!);
    await engine.read('parameters', parameters!);
    const submits = submit.mock.calls.length;
    submit.mockRestore();
    const digest = createHash('sha256').update(JSON.stringify({ loss, sketches }));
    for (const numbers of [gradient!, parameters!]) digest.update(numbers);
    return { submits, digest: digest.digest('hex') };
  }

  it('goes in several slices and comes to the same bits', async () => {
    const whole = await outcome();
    slice.ms = 0.02;
    const inParts = await outcome();
    expect(inParts.submits).toBeGreaterThan(3 * whole.submits);
    expect(inParts.digest).toBe(whole.digest);
  }, 120_000);

  it('leaves nothing behind when it is given up between two of them', async () => {
    slice.ms = 40;
    const { digest } = await outcome();
    slice.ms = 0.02;
    for (const left of [30, 31, 32, 33]) {
      const abort = new AbortController();
      let submits = left;
      const submit = vi.spyOn(gpu.device.queue, 'submit').mockImplementation((commands) => {
        submits -= 1;
        if (submits === 0) abort.abort();
        GPUQueue.prototype.submit.call(gpu.device.queue, commands);
      });
      await expect(engine.gradient(BATCHES, { signal: abort.signal })).rejects.toThrow('abort');
      submit.mockRestore();
    }
    slice.ms = 40;
    expect((await outcome()).digest).toBe(digest);
  }, 120_000);

  it('a step that is shorter is handed over once for each micro-batch and answer, and each answer asked for once', async () => {
    slice.ms = 1e9;
    const { queue } = gpu.device;
    const calls = (['submit', 'onSubmittedWorkDone'] as const).map((name) => vi.spyOn(queue, name));
    const count = () => calls.map(({ mock }) => mock.calls.length);
    await engine.gradient(BATCHES);
    expect(count()).toEqual([2, 0]);
    await engine.optimizerStep(ADAMW);
    expect(count()).toEqual([3, 0]);
    for (const call of calls) call.mockRestore();
    slice.ms = 40;
  }, 120_000);
});

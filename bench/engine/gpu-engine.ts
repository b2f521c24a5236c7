/**
 * Training speed of the engine on a graphics card against tfjs on its WebGPU backend: the same model, weights, text and
 * adapter, in one process, taking turns. Where there is no card, on a processor that plays one: then the ratio says how
 * the two compare there, and nothing of real cards.
 */
import { initialWeights } from '../../src-shared/model/initial-weights.ts';
import { type ModelConfig, parameterCount } from '../../src-shared/model/layout.ts';
import type { Batch } from '../../src-worker/train/engine/engine.ts';
import { engineOn } from '../../src-worker/train/engine/gpu/create.ts';
import { openDevice } from '../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../src-worker/train/engine/gpu/pipelines.ts';
import { chooseSoftwareGpu } from '../../test/src-worker/train/engine/software-gpu.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { npmGuest } from './npm-guest.ts';
import { loadTfjsOnCard, type Tfjs } from './tfjs-bundle.ts';
import { createTfjsGpt } from './tfjs-gpt.ts';

/** The small model that peers were compared with before. */
const TINY: ModelConfig = { layers: 2, width: 64, heads: 4, context: 64, vocab: 512 };
const SEQUENCES = 4;
const ADAMW = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1, clip: 1 };
const LOSS_TOLERANCE = 1e-3;
const ROUNDS = 7;
const STEPS = { ours: 6, theirs: 2 } as const;
const HELD = { floor: 5, goal: 10 } as const;
const PEER = ['@tensorflow/tfjs-core@4.22.0', '@tensorflow/tfjs-backend-webgpu@4.22.0'];

const batchAt = (seed: number): Batch => {
  const ids = Uint16Array.from(
    { length: SEQUENCES * TINY.context },
    (_, i) => ((i + seed) * 7919) % TINY.vocab,
  );
  return { ids, targets: ids.map((id) => (id * 5 + 1) % TINY.vocab) };
};

export async function gpuVsTfjsWebgpu(): Promise<Figure> {
  const lacking = chooseSoftwareGpu();
  if (lacking) return unmeasured('gpu-vs-tfjs-webgpu', 'x', lacking, HELD);
  await using stack = new AsyncDisposableStack();
  const gpu = await openDevice({ flags: ['backend=vulkan'] });
  const weights = initialWeights(TINY, 'bench');
  const ours = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, TINY, { maxSequences: SEQUENCES });
  stack.defer(() => ours.dispose());
  await ours.load(weights);
  const theirs = await peer(gpu.device, weights);
  const contenders = [
    {
      steps: STEPS.ours,
      stepsMs: [] as number[],
      async step(batch: Batch) {
        const { loss } = await ours.gradient([batch]);
        await ours.optimizerStep(ADAMW);
        return loss;
      },
    },
    { steps: STEPS.theirs, stepsMs: [] as number[], step: theirs },
  ];
  const [first, other] = [await contenders[0]!.step(batchAt(0)), await contenders[1]!.step(batchAt(0))];
  if (Math.abs(first - other) > LOSS_TOLERANCE)
    throw new Error(`not the same model: losses ${first}, ${other}`);
  // The first round warms everything up and does not count.
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const { steps, step, stepsMs } of contenders) {
      const startedMs = performance.now();
      for (let k = 0; k < steps; k += 1) await step(batchAt(round + k));
      if (round > 0) stepsMs.push((performance.now() - startedMs) / steps);
    }
  const [own, tfjs] = contenders.map(({ stepsMs }) => median(stepsMs)) as [number, number];
  const seen = `${gpu.facts.name}: ${own.toFixed(1)} ms a step, tfjs ${tfjs.toFixed(1)} ms`;
  return figure('gpu-vs-tfjs-webgpu', tfjs / own, 'x', { ...HELD, peer: 1, seen });
}

/** A step of tfjs on the same device. */
async function peer(device: GPUDevice, weights: Float32Array) {
  const tf = await loadTfjsOnCard(await npmGuest(PEER));
  // It looks for a browser's before it takes the one that it is given.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
  tf.registerBackend('webgpu', () => new tf.webgpu.WebGPUBackend(device, device.adapterInfo));
  await tf.setBackend('webgpu');
  const gpt = createTfjsGpt(tf as unknown as Tfjs, TINY, weights, 'plain');
  return ({ ids, targets }: Batch) => gpt.step(ids, targets);
}

/** Bytes over the bus for an evaluation of 64 windows at the base, over the bytes of the weights. */
export async function baseCheckBus(): Promise<Figure> {
  const held = { floor: 2.1, goal: 1.1 } as const;
  const lacking = chooseSoftwareGpu();
  if (lacking) return unmeasured('base-check-bus', 'x', lacking, held);
  const gpu = await openDevice({ flags: ['backend=vulkan'] });
  // As many parameters to a token as the smallest model that is meant.
  const config: ModelConfig = { layers: 2, width: 256, heads: 4, context: 64, vocab: 8192 };
  const engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, config, { maxSequences: 4 });
  const count = parameterCount(config);
  const base = new Float32Array(count).fill(0.01);
  const before = engine.busBytes;
  for (let slice = 0; slice < 16; slice += 1) {
    const ids = new Uint16Array(4 * config.context).fill(slice);
    await engine.atBase(base, () => engine.losses([{ ids, targets: ids }]));
  }
  const bytes = engine.busBytes - before;
  await engine.dispose();
  gpu.dispose();
  return figure('base-check-bus', bytes / (4 * count), 'x', { ...held, seen: `${count} parameters` });
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

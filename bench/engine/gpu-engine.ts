/**
 * Training speed of the engine on a graphics card against others in TypeScript: the same model, weights, text and
 * adapter, in one process, taking turns. Where there is no card, on a processor that plays one: then the ratio says how
 * the two compare there, and nothing of real cards.
 */
import { setImmediate } from 'node:timers';
import { type ModelConfig, parameterCount } from '../../src-shared/model/layout.ts';
import type { Batch } from '../../src-worker/train/engine/engine.ts';
import { engineOn } from '../../src-worker/train/engine/gpu/create.ts';
import { type GpuDevice, openDevice } from '../../src-worker/train/engine/gpu/device.ts';
import { instanceOf } from '../../src-worker/train/engine/gpu/instance.ts';
import { Pipelines } from '../../src-worker/train/engine/gpu/pipelines.ts';
import { inMemory } from '../../src-worker/train/vector-source.ts';
import { chooseSoftwareGpu } from '../../test/src-worker/train/engine/software-gpu.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { type Contender, stepOf, stepsMs, TINY, weightsOf } from './contest.ts';
import { createJaxGpt, JAX_JS } from './jax-gpt.ts';
import { npmGuest } from './npm-guest.ts';
import { loadTfjsOnCard, type Tfjs } from './tfjs-bundle.ts';
import { createTfjsGpt } from './tfjs-gpt.ts';

const TURNS = 7;
const STEPS = { ours: 6, theirs: 2 } as const;
const FLAGS = ['backend=vulkan'];
const TFJS = ['@tensorflow/tfjs-core@4.22.0', '@tensorflow/tfjs-backend-webgpu@4.22.0'];

export const gpuVsTfjsWebgpu = (): Promise<Figure> =>
  against('gpu-vs-tfjs-webgpu', 'tfjs 4.22.0', { floor: 5, goal: 10 }, tfjsOn);

export const gpuVsJaxjsWebgpu = (): Promise<Figure> =>
  against('gpu-vs-jaxjs-webgpu', JAX_JS, { floor: 3, goal: 6 }, jaxJs);

async function against(
  name: string,
  peer: string,
  held: { readonly floor: number; readonly goal: number },
  peerStep: (gpu: GpuDevice) => Promise<Contender['step']>,
): Promise<Figure> {
  const lacking = chooseSoftwareGpu();
  if (lacking) return unmeasured(name, 'x', lacking, held);
  await using stack = new AsyncDisposableStack();
  const gpu = await openDevice({ flags: FLAGS });
  const station = { gpu, pipelines: new Pipelines(gpu) };
  const engine = await engineOn(station, TINY.config, { maxSequences: TINY.sequences });
  stack.defer(() => engine.dispose());
  await engine.load(weightsOf(TINY));
  const ours: Contender = { steps: STEPS.ours, step: stepOf(engine) };
  const theirs: Contender = { steps: STEPS.theirs, step: asDawnAsks(await peerStep(gpu)) };
  const [own, other] = await stepsMs(TINY, [ours, theirs], TURNS);
  const seen = `${gpu.facts.name}: ${own!.toFixed(1)} ms a step, ${peer} ${other!.toFixed(1)} ms`;
  return figure(name, other! / own!, 'x', { ...held, peer: 1, seen });
}

/** How seldom a driver is asked is a part of the engine (`gpu/asking.ts`): a peer has its steps as Dawn asks by itself. */
const asDawnAsks =
  (step: Contender['step']): Contender['step'] =>
  async (batch) => {
    const ours = globalThis.setImmediate;
    globalThis.setImmediate = setImmediate;
    try {
      return await step(batch);
    } finally {
      globalThis.setImmediate = ours;
    }
  };

/** A step of tfjs on the same device. */
async function tfjsOn({ device }: GpuDevice): Promise<Contender['step']> {
  const tf = await loadTfjsOnCard(await npmGuest(TFJS));
  // It looks for a browser's before it takes the one that it is given.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: {} }, configurable: true });
  tf.registerBackend('webgpu', () => new tf.webgpu.WebGPUBackend(device, device.adapterInfo));
  await tf.setBackend('webgpu');
  const gpt = createTfjsGpt(tf as unknown as Tfjs, TINY.config, weightsOf(TINY), 'plain');
  return ({ ids, targets }: Batch) => gpt.step(ids, targets);
}

/** A step of jax-js, which opens a device of its own on the same adapter. */
async function jaxJs(): Promise<Contender['step']> {
  const gpt = await createJaxGpt(TINY.config, weightsOf(TINY), TINY.sequences, await instanceOf(FLAGS));
  return gpt.step;
}

/**
 * Bytes over the bus for an evaluation of 64 windows at the base, over the bytes of the weights; beside it what it comes to
 * without room for the base, in float32.
 */
export async function baseCheckBus(): Promise<Figure> {
  const held = { floor: 2.1, goal: 1.1 } as const;
  const lacking = chooseSoftwareGpu();
  if (lacking) return unmeasured('base-check-bus', 'x', lacking, held);
  const gpu = await openDevice({ flags: ['backend=vulkan'] });
  const station = { gpu, pipelines: new Pipelines(gpu) };
  // As many parameters to a token as the smallest model that is meant.
  const config: ModelConfig = { layers: 2, width: 256, heads: 4, context: 64, vocab: 8192 };
  const bytes = 4 * parameterCount(config);
  const base = inMemory(new Float32Array(parameterCount(config)).fill(0.01));
  const crossings: number[] = [];
  for (const hasBaseBeside of [true, false]) {
    const engine = await engineOn(station, config, { maxSequences: 4, fixed: { hasBaseBeside } });
    const before = engine.busBytes;
    for (let slice = 0; slice < 16; slice += 1) {
      const ids = new Uint16Array(4 * config.context).fill(slice);
      await engine.atBase(base, () => engine.losses([{ ids, targets: ids }]));
    }
    crossings.push((engine.busBytes - before) / bytes);
    await engine.dispose();
  }
  gpu.dispose();
  const [beside, inPlace] = crossings.map((times) => times.toFixed(3));
  const seen = `${bytes / 4} parameters: ${beside} beside the parameters, ${inPlace} in their place`;
  return figure('base-check-bus', crossings[0]!, 'x', { ...held, seen });
}

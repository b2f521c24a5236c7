/** How near an optimizer step, which does nothing but stream vectors, comes to what a plain copy moves. */
import { type ModelConfig, parameterCount } from '../../src-shared/model/layout.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/cpu-engine.ts';
import type { Engine } from '../../src-worker/train/engine/engine.ts';
import { engineOn } from '../../src-worker/train/engine/gpu/create.ts';
import { type GpuDevice, openDevice } from '../../src-worker/train/engine/gpu/device.ts';
import { Pipelines } from '../../src-worker/train/engine/gpu/pipelines.ts';
import { chooseSoftwareGpu } from '../../test/src-worker/train/engine/software-gpu.ts';
import { type Figure, figure } from '../report/figures.ts';
import { ADAMW } from './contest.ts';

/** Vectors of 80 MB: no cache holds one. A short context keeps the rest small. */
const LARGE: ModelConfig = { layers: 2, width: 512, heads: 8, context: 16, vocab: 26_624 };
/** The norm reads the gradient; AdamW reads parameter, gradient and two moments and writes all but the gradient. */
const BYTES_PER_PARAMETER = 4 + 4 * 4 + 3 * 4;
/** The same on a card, which streams those in less time than it takes to hand a step over: vectors of 820 MB. */
const LARGE_ON_CARD: ModelConfig = { layers: 2, width: 2048, heads: 16, context: 16, vocab: 50_304 };
const COPY_BYTES = 64 * 2 ** 20;
/** Copies in one go on a card, which moves one in less time than it takes to hand it over. */
const COPIES = 64;
const TURNS = 7;

/** Bytes per time of a step over those of a copy, on each device; the lower of them counts. */
export async function streamVsBandwidth(): Promise<Figure> {
  const found = [await onProcessor()];
  const lacking = chooseSoftwareGpu();
  if (lacking === null) {
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    found.push(await cardStreams(gpu));
    gpu.dispose();
  }
  const told = found.map(
    ({ name, step, copy }) => `${name} ${gbs(step)} of ${gbs(copy)} GB/s (${(step / copy).toFixed(2)})`,
  );
  const seen = [...told, ...(lacking === null ? [] : [lacking])].join('; ');
  const lowest = Math.min(...found.map(({ step, copy }) => step / copy));
  return figure('stream-vs-bandwidth', lowest, 'x', { floor: 0.7, goal: 0.85, peer: 1, seen });
}

/** Bytes per ms. */
export type Streams = { readonly name: string; readonly step: number; readonly copy: number };

const gbs = (bytesPerMs: number): string => (bytesPerMs / 1e6).toFixed(1);

async function onProcessor(): Promise<Streams> {
  const engine = await createCpuEngine(LARGE, { maxSequences: 1, threads: 1, isInline: true });
  // Shared memory, as the engine's is.
  const [from, into] = [new SharedArrayBuffer(COPY_BYTES), new SharedArrayBuffer(COPY_BYTES)].map((buffer) =>
    new Uint8Array(buffer).fill(1),
  );
  const times = await inTurns(engine, async () => into!.set(from!));
  await engine.dispose();
  return { name: 'processor, 1 thread,', ...times };
}

/** On a device that stays open. Of float32, whatever products multiply: a shadow of weights would be bytes more. */
export async function cardStreams(gpu: GpuDevice): Promise<Streams> {
  const config = gpu.facts.isSoftware ? LARGE : LARGE_ON_CARD;
  const engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, config, {
    maxSequences: 1,
    precision: 'f32',
  });
  const [from, into] = [0, 1].map(() =>
    gpu.device.createBuffer({ size: COPY_BYTES, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST }),
  );
  // A processor that plays a card is handed few: each takes it as long as all take a card.
  const copies = gpu.facts.isSoftware ? 1 : COPIES;
  const times = await inTurns(engine, () => copyOn(gpu, from!, into!, copies), copies);
  await engine.dispose();
  for (const buffer of [from, into]) buffer!.destroy();
  return { name: gpu.facts.name, ...times };
}

async function copyOn(
  { device }: GpuDevice,
  from: GPUBuffer,
  into: GPUBuffer,
  copies: number,
): Promise<void> {
  const encoder = device.createCommandEncoder();
  for (let copy = 0; copy < copies; copy += 1) encoder.copyBufferToBuffer(from, 0, into, 0, COPY_BYTES);
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}

/** The best of several, by turns. */
async function inTurns(
  engine: Engine,
  copy: () => Promise<void>,
  copies = 1,
): Promise<Omit<Streams, 'name'>> {
  const count = parameterCount(engine.config);
  const ids = new Uint16Array(engine.config.context);
  await engine.load(new Float32Array(count).fill(0.01));
  await engine.gradient([{ ids, targets: ids }]);
  let stepMs = Number.POSITIVE_INFINITY;
  let copyMs = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < TURNS; turn += 1) {
    stepMs = Math.min(stepMs, await took(() => engine.optimizerStep(ADAMW)));
    copyMs = Math.min(copyMs, await took(copy));
  }
  return { step: (BYTES_PER_PARAMETER * count) / stepMs, copy: (2 * COPY_BYTES * copies) / copyMs };
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

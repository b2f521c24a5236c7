/** How near an optimizer step, which does nothing but stream vectors, comes to what a copy moves. */
import { type ModelConfig, parameterCount } from '../../src-shared/model/layout.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { Engine } from '../../src-worker/train/engine/engine.ts';
import { Arena } from '../../src-worker/train/engine/gpu/arena.ts';
import { engineOn } from '../../src-worker/train/engine/gpu/create.ts';
import { type GpuDevice, openDevice } from '../../src-worker/train/engine/gpu/device.ts';
import { type Op, Pipelines } from '../../src-worker/train/engine/gpu/pipelines.ts';
import type { View } from '../../src-worker/train/engine/gpu/tally.ts';
import { Stopwatch } from '../../src-worker/train/engine/gpu/tune/stopwatch.ts';
import { CARD_LANES, grid, SOFTWARE_LANES } from '../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { streamGroups } from '../../src-worker/train/engine/gpu/wgsl/optimizer.ts';
import { chooseSoftwareGpu } from '../../test/src-worker/train/engine/software-gpu.ts';
import { type Figure, figure } from '../report/figures.ts';
import { ADAMW } from './contest.ts';
import { copyKernel } from './copy-kernel.ts';

/** Vectors of 80 MB: no cache holds one. A short context keeps the rest small. */
const LARGE: ModelConfig = { layers: 2, width: 512, heads: 8, context: 16, vocab: 26_624 };
/** The norm reads the gradient; AdamW reads parameter, gradient and two moments and writes all but the gradient. */
const BYTES_PER_PARAMETER = 4 + 4 * 4 + 3 * 4;
/** The same on a card, which streams those in less time than it takes to hand a step over: vectors of 820 MB. */
const LARGE_ON_CARD: ModelConfig = { layers: 2, width: 2048, heads: 16, context: 16, vocab: 50_304 };
const COPY_BYTES = 64 * 2 ** 20;
/** Copies in one go: one takes less time than it takes to hand it over and to ask for its end. */
const COPIES = 32;
const TURNS = 7;

/**
 * Bytes per time of a step over those of a copy, on each device; the lower of them counts. On a card it is a shader that
 * copies: what memory gives to shaders. A real card's own copy gets the same. A processor that plays a card copies at
 * once and reads for a shader one number after the other, so that no shader comes near: the ratio to it is told as well.
 */
export async function streamVsBandwidth(): Promise<Figure> {
  const found = [await onProcessor()];
  const lacking = chooseSoftwareGpu();
  if (lacking === null) {
    const gpu = await openDevice({ flags: ['backend=vulkan'] });
    found.push(await cardStreams(gpu));
    gpu.dispose();
  }
  const told = found.map(
    ({ name, step, copy, ownCopy }) =>
      `${name} ${gbs(step)} of ${gbs(copy)} GB/s (${(step / copy).toFixed(2)})${ownCopy ? `, its own copy ${gbs(ownCopy)} GB/s (${(step / ownCopy).toFixed(2)})` : ''}`,
  );
  const seen = [...told, ...(lacking === null ? [] : [lacking])].join('; ');
  const lowest = Math.min(...found.map(({ step, copy }) => step / copy));
  return figure('stream-vs-bandwidth', lowest, 'x', { floor: 0.7, goal: 0.85, peer: 1, seen });
}

/** Bytes per ms of an optimizer step and of a copy; of a card also of the copy that is a command of its own. */
export type Streams = {
  readonly name: string;
  readonly step: number;
  readonly copy: number;
  readonly ownCopy: number | null;
};

const gbs = (bytesPerMs: number): string => (bytesPerMs / 1e6).toFixed(1);

async function onProcessor(): Promise<Streams> {
  const engine = await createCpuEngine(LARGE, { maxSequences: 1, threads: 1, isInline: true });
  // Shared memory, as the engine's is.
  const [from, into] = [new SharedArrayBuffer(COPY_BYTES), new SharedArrayBuffer(COPY_BYTES)].map((buffer) =>
    new Uint8Array(buffer).fill(1),
  );
  const { step, copies } = await inTurns(engine, [async () => into!.set(from!)]);
  await engine.dispose();
  return { name: 'processor, 1 thread,', step, copy: (2 * COPY_BYTES) / copies[0]!, ownCopy: null };
}

/** On a device that stays open. Of float32, whatever products multiply: a shadow of weights would be bytes more. */
export async function cardStreams(gpu: GpuDevice): Promise<Streams> {
  const config = gpu.facts.isSoftware ? LARGE : LARGE_ON_CARD;
  const engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, config, {
    maxSequences: 1,
    precision: 'f32',
  });
  const { arena, built: views } = await Arena.build(gpu, (taker) => ({
    span: taker.uniforms(16),
    from: taker.floats(COPY_BYTES / 4, 'scratch'),
    into: taker.floats(COPY_BYTES / 4, 'scratch'),
  }));
  arena.write(views.span, Uint32Array.of(COPY_BYTES / 4, 0, 0, 0));
  const shader = await copyShader(gpu, Object.values(views));
  const watch = new Stopwatch(gpu, arena);
  const shaderMs: number[] = [];
  const { step, copies } = await inTurns(engine, [
    // By the watch of the tuner: a single dispatch is short beside what it takes to ask for its end.
    async () => shaderMs.push(await watch.time(shader, 0)),
    () => copyOn(gpu, views.from, views.into),
  ]);
  watch.dispose();
  await engine.dispose();
  arena.dispose();
  const copy = (2 * COPY_BYTES) / Math.min(...shaderMs);
  return { name: gpu.facts.name, step, copy, ownCopy: (2 * COPY_BYTES * COPIES) / copies[1]! };
}

async function copyOn({ device }: GpuDevice, from: View, into: View): Promise<void> {
  const encoder = device.createCommandEncoder();
  for (let copy = 0; copy < COPIES; copy += 1)
    encoder.copyBufferToBuffer(from.buffer, 0, into.buffer, 0, COPY_BYTES);
  device.queue.submit([encoder.finish()]);
  await device.queue.onSubmittedWorkDone();
}

/** Cut as the optimizer's kernels are on this adapter. */
async function copyShader(gpu: GpuDevice, views: readonly View[]): Promise<Op> {
  const lanes = gpu.facts.isSoftware ? SOFTWARE_LANES : CARD_LANES;
  const [op] = await new Pipelines(gpu).ops([
    {
      kernel: copyKernel(lanes),
      views,
      groups: () => grid(streamGroups(lanes, COPY_BYTES / 4)),
      work: () => ({ operations: 0, bytes: 2 * COPY_BYTES }),
    },
  ]);
  return op!;
}

/** The best of several, by turns. @returns bytes per ms of a step, and ms of each copy */
async function inTurns(
  engine: Engine,
  copies: readonly (() => Promise<unknown>)[],
): Promise<{ step: number; copies: readonly number[] }> {
  const count = parameterCount(engine.config);
  const ids = new Uint16Array(engine.config.context);
  await engine.load(new Float32Array(count).fill(0.01));
  await engine.gradient([{ ids, targets: ids }]);
  const contenders = [() => engine.optimizerStep(ADAMW), ...copies];
  const best = contenders.map(() => Number.POSITIVE_INFINITY);
  for (let turn = 0; turn < TURNS; turn += 1)
    for (const [i, contender] of contenders.entries()) best[i] = Math.min(best[i]!, await took(contender));
  const [stepMs, ...copiesMs] = best;
  return { step: (BYTES_PER_PARAMETER * count) / stepMs!, copies: copiesMs };
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

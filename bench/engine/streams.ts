/** How near an optimizer step, which does nothing but stream vectors, comes to what a copy moves. */
import { type ModelConfig, parameterCount } from '../../src-shared/model/layout.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import type { Engine } from '../../src-worker/train/engine/engine.ts';
import { Arena } from '../../src-worker/train/engine/gpu/arena.ts';
import { engineOn } from '../../src-worker/train/engine/gpu/create.ts';
import { type GpuDevice, openDevice } from '../../src-worker/train/engine/gpu/device.ts';
import { type Op, Pipelines } from '../../src-worker/train/engine/gpu/pipelines.ts';
import type { View } from '../../src-worker/train/engine/gpu/tally.ts';
import {
  CARD_LANES,
  grid,
  type Lanes,
  SOFTWARE_LANES,
} from '../../src-worker/train/engine/gpu/wgsl/kernel.ts';
import { streamGroups } from '../../src-worker/train/engine/gpu/wgsl/optimizer.ts';
import { chooseSoftwareGpu } from '../../test/src-worker/train/engine/software-gpu.ts';
import { type Figure, figure } from '../report/figures.ts';
import { ADAMW } from './contest.ts';
import { copyKernel } from './copy-kernel.ts';
import { fastest, inTurns, type Mover, ratioInTurns } from './turns.ts';

/** Vectors of 80 MB: no cache holds one. A short context keeps the rest small. */
const LARGE: ModelConfig = { layers: 2, width: 512, heads: 8, context: 16, vocab: 26_624 };
/** The norm reads the gradient; AdamW reads parameter, gradient and two moments and writes all but the gradient. */
const BYTES_PER_PARAMETER = 4 + 4 * 4 + 3 * 4;
/** The same on a card, which streams those in less time than it takes to hand a step over: vectors of 820 MB. */
const LARGE_ON_CARD: ModelConfig = { layers: 2, width: 2048, heads: 16, context: 16, vocab: 50_304 };
const COPY_BYTES = 64 * 2 ** 20;
const TURNS = 11;
/** As the optimizer's kernels are cut, and on a processor that plays a card with more threads, where it copies as well. */
const CARD_CUTS: readonly Lanes[] = [CARD_LANES];
const SOFTWARE_CUTS: readonly Lanes[] = [SOFTWARE_LANES, { ...SOFTWARE_LANES, stream: 64, vectors: 128 }];

/**
 * Bytes per time of a step over those of a copy, on each device; the lower of them counts. Step and copy take turns, move
 * as many bytes and are timed alike, from handing over to the end. A step goes through the engine's queue, which cuts it
 * into slices and waits without asking; a copy is handed over in one piece. On a card it is a shader that copies, in
 * the cut that is fastest: what memory gives to shaders. A real card's own copy gets the same. A processor that plays
 * a card copies at once and reads for a shader one number after the other, so that no shader comes near: the ratio to it
 * is told as well.
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
    ({ name, step, copy, ratio, ownCopy }) =>
      `${name} ${gbs(step)} of ${gbs(copy)} GB/s (${ratio.toFixed(2)})${ownCopy ? `, its own copy ${gbs(ownCopy)} GB/s (${(step / ownCopy).toFixed(2)})` : ''}`,
  );
  const seen = [...told, ...(lacking === null ? [] : [lacking])].join('; ');
  const lowest = Math.min(...found.map(({ ratio }) => ratio));
  return figure('stream-vs-bandwidth', lowest, 'x', { floor: 0.7, goal: 0.85, peer: 1, seen });
}

/**
 * Bytes per ms of an optimizer step and of a copy, medians, and the median of their ratio within a turn; of a card also of
 * the copy that is a command of its own.
 */
export type Streams = {
  readonly name: string;
  readonly step: number;
  readonly copy: number;
  readonly ratio: number;
  readonly ownCopy: number | null;
};

const gbs = (bytesPerMs: number): string => (bytesPerMs / 1e6).toFixed(1);

async function onProcessor(): Promise<Streams> {
  const engine = await createCpuEngine(LARGE, { maxSequences: 1, threads: 1, isInline: true });
  // Shared memory, as the engine's is.
  const [from, into] = [new SharedArrayBuffer(COPY_BYTES), new SharedArrayBuffer(COPY_BYTES)].map((buffer) =>
    new Uint8Array(buffer).fill(1),
  );
  const step = await stepOf(engine);
  const copies = copiesFor(step);
  const copy: Mover = {
    bytes: 2 * COPY_BYTES * copies,
    async move() {
      for (let k = 0; k < copies; k += 1) into!.set(from!);
    },
  };
  const [ours, theirs] = await inTurns([step, copy], TURNS);
  await engine.dispose();
  return streamsOf('processor, 1 thread,', ours!, theirs!, null);
}

/** On a device that stays open. Of float32, whatever products multiply: a shadow of weights would be bytes more. */
export async function cardStreams(gpu: GpuDevice): Promise<Streams> {
  const { isSoftware } = gpu.facts;
  const engine = await engineOn({ gpu, pipelines: new Pipelines(gpu) }, isSoftware ? LARGE : LARGE_ON_CARD, {
    maxSequences: 1,
    precision: 'f32',
  });
  const { arena, built: views } = await Arena.build(gpu, (taker) => ({
    span: taker.uniforms(16),
    from: taker.floats(COPY_BYTES / 4, 'scratch'),
    into: taker.floats(COPY_BYTES / 4, 'scratch'),
  }));
  arena.write(views.span, Uint32Array.of(COPY_BYTES / 4, 0, 0, 0));
  const step = await stepOf(engine);
  const copies = copiesFor(step);
  const shaders = await copyShaders(gpu, isSoftware ? SOFTWARE_CUTS : CARD_CUTS, Object.values(views));
  const bytes = 2 * COPY_BYTES * copies;
  const [ours, own, ...theirs] = await inTurns(
    [
      step,
      { bytes, move: () => handOver(gpu, (encoder) => copyOn(encoder, views.from, views.into, copies)) },
      ...shaders.map((op) => ({ bytes, move: () => handOver(gpu, (encoder) => shade(encoder, op, copies)) })),
    ],
    TURNS,
  );
  await engine.dispose();
  arena.dispose();
  return streamsOf(gpu.facts.name, ours!, fastest(theirs), median(own!));
}

function streamsOf(
  name: string,
  ours: readonly number[],
  theirs: readonly number[],
  ownCopy: number | null,
): Streams {
  return { name, step: median(ours), copy: median(theirs), ratio: ratioInTurns(ours, theirs), ownCopy };
}

/** So many copies move as many bytes as a step: what begins and ends either weighs the same. */
const copiesFor = ({ bytes }: Mover): number => Math.round(bytes / (2 * COPY_BYTES));

async function stepOf(engine: Engine): Promise<Mover> {
  const count = parameterCount(engine.config);
  const ids = new Uint16Array(engine.config.context);
  await engine.load(new Float32Array(count).fill(0.01));
  await engine.gradient([{ ids, targets: ids }]);
  return { bytes: BYTES_PER_PARAMETER * count, move: () => engine.optimizerStep(ADAMW) };
}

async function handOver(gpu: GpuDevice, record: (encoder: GPUCommandEncoder) => void): Promise<void> {
  const { device } = gpu;
  const encoder = device.createCommandEncoder();
  record(encoder);
  device.queue.submit([encoder.finish()]);
  await gpu.answer(device.queue.onSubmittedWorkDone());
}

function copyOn(encoder: GPUCommandEncoder, from: View, into: View, copies: number): void {
  for (let copy = 0; copy < copies; copy += 1)
    encoder.copyBufferToBuffer(from.buffer, 0, into.buffer, 0, COPY_BYTES);
}

function shade(encoder: GPUCommandEncoder, { pipeline, bindGroup, groups }: Op, copies: number): void {
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  for (let copy = 0; copy < copies; copy += 1) pass.dispatchWorkgroups(...groups(0));
  pass.end();
}

const copyShaders = (gpu: GpuDevice, cuts: readonly Lanes[], views: readonly View[]): Promise<Op[]> =>
  new Pipelines(gpu).ops(
    cuts.map((lanes) => ({
      kernel: copyKernel(lanes),
      views,
      groups: () => grid(streamGroups(lanes, COPY_BYTES / 4)),
      work: () => ({ operations: 0, bytes: 2 * COPY_BYTES }),
    })),
  );

import type { AdamWSettings } from '../engine.ts';
import { STREAM_BYTES } from '../limits.ts';
import type { Arena } from './arena.ts';
import type { GpuDevice } from './device.ts';
import { type Memory, PLACE_BYTES, within } from './memory.ts';
import type { Op, OpPlan, Pipelines } from './pipelines.ts';
import { type ChunkWindow, windows } from './placement.ts';
import type { Queue } from './queue.ts';
import type { View } from './tally.ts';
import { roundingKey } from './wgsl/bf16.ts';
import { grid, type Lanes } from './wgsl/kernel.ts';
import { adamw, adamwWork, decide, NORM_SPAN, shadow, squares, streamGroups } from './wgsl/optimizer.ts';

/** The norm of the gradient and AdamW, window by window over the chunks. The device itself decides whether to apply. */
export class OptimizerOps {
  readonly #norm: readonly Op[];
  readonly #adamw: readonly Op[];
  readonly #shadow: readonly Op[];
  readonly #parts: number;
  readonly #memory: Memory;

  private constructor(memory: Memory, made: Made) {
    this.#memory = memory;
    this.#norm = made.norm;
    this.#adamw = made.adamw;
    this.#shadow = made.shadow;
    this.#parts = made.parts;
  }

  static async compile(
    gpu: GpuDevice,
    pipelines: Pipelines,
    memory: Memory,
    lanes: Lanes,
  ): Promise<OptimizerOps> {
    const streams = streamsOf(memory);
    gpu.device.queue.writeBuffer(memory.spans.buffer, memory.spans.offset, spanWords(streams));
    const parts = streams.reduce((sum, { normGroups }) => sum + normGroups, 0);
    return new OptimizerOps(memory, {
      norm: await pipelines.ops([
        ...streams.map((stream) => squaresOf(memory, lanes, stream)),
        decision(memory, lanes, parts),
      ]),
      adamw: await pipelines.ops(streams.map((stream) => adamwOf(memory, lanes, stream))),
      shadow: await pipelines.ops(
        streams.filter(({ hasShadow }) => hasShadow).map((stream) => shadowOf(memory, lanes, stream)),
      ),
      parts,
    });
  }

  /** Makes what passes read as float16 from the parameters, as a step does; nothing where they read these. */
  async refreshShadow(queue: Queue): Promise<void> {
    await queue.run(this.#shadow, 0);
    await queue.flush();
  }

  /** Leaves norm, factor and whether it is finite in `decision`. */
  async norm(queue: Queue, arena: Arena): Promise<void> {
    await this.#decide(queue, arena, new Float32Array(STEP_WORDS), 0);
  }

  /** One step of AdamW, which is the `step`-th that the moments see; nothing where the gradient is not finite. */
  async step(queue: Queue, arena: Arena, settings: AdamWSettings & { readonly step: number }): Promise<void> {
    const { lr, beta1, beta2, eps, weightDecay, clip, step } = settings;
    const words = Float32Array.of(
      ...[beta1, 1 - beta1, beta2, 1 - beta2],
      ...[1 - lr * weightDecay, lr / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step), eps],
      ...[clip, 0, 0, 0, 0, 0, 0, 0],
    );
    const whole = new Uint32Array(words.buffer);
    whole.set(roundingKey(step), 10);
    whole[12] = 1;
    await this.#decide(queue, arena, words, clip);
    await queue.run(this.#adamw, 0);
  }

  /** Halves the loss scale, after something did not fit into float16. */
  async lowerLossScale(queue: Queue, arena: Arena): Promise<void> {
    const words = new Uint32Array(STEP_WORDS);
    words[12] = 1;
    queue.write32(arena, this.#memory.step, words);
    await queue.run(this.#norm.slice(-1), 0);
  }

  async #decide(queue: Queue, arena: Arena, words: Float32Array, clip: number): Promise<void> {
    words[8] = clip;
    new Uint32Array(words.buffer)[9] = this.#parts;
    queue.write32(arena, this.#memory.step, words);
    await queue.run(this.#norm, 0);
  }
}

const STEP_WORDS = 16;

interface Made {
  readonly norm: readonly Op[];
  readonly adamw: readonly Op[];
  readonly shadow: readonly Op[];
  readonly parts: number;
}

/** A window over the parameters that one dispatch goes through. */
interface Stream {
  readonly window: ChunkWindow;
  /** What kernels know of it. */
  readonly span: View;
  /** Workgroups of its sum of squares, the first one's place among all, and the elements before it. */
  readonly normGroups: number;
  readonly firstPart: number;
  readonly before: number;
  /** Whether products read its parameters as float16. */
  readonly hasShadow: boolean;
}

function streamsOf({ placement, spans, weights }: Memory): Stream[] {
  let [firstPart, before] = [0, 0];
  return windows(placement, STREAM_BYTES).map((window, index) => {
    const span = within(spans, index * PLACE_BYTES, 16);
    const normGroups = Math.ceil(window.elements / NORM_SPAN);
    const hasShadow = weights.held[window.chunk] === 'f16';
    const stream = { window, span, normGroups, firstPart, before, hasShadow };
    firstPart += normGroups;
    before += window.elements;
    return stream;
  });
}

function spanWords(streams: readonly Stream[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((streams.length * PLACE_BYTES) / 4);
  for (const [index, { window, firstPart, before }] of streams.entries())
    words.set([window.elements, firstPart, before], (index * PLACE_BYTES) / 4);
  return words;
}

const squaresOf = (memory: Memory, lanes: Lanes, { window, span, normGroups }: Stream): OpPlan => ({
  kernel: squares(lanes.stream),
  views: [span, memory.gradient.window(window), memory.normParts],
  groups: () => grid(normGroups),
  work: () => ({ operations: 2 * window.elements, bytes: 4 * window.elements }),
});

function decision(memory: Memory, lanes: Lanes, parts: number): OpPlan {
  const isScaled = memory.format === 'f16';
  const { step, normParts, decision, lossScale, overflow } = memory;
  return {
    kernel: decide(lanes.stream, { isScaled }),
    views: [step, normParts, decision, ...(isScaled ? [lossScale, overflow] : [])],
    groups: () => [1, 1],
    work: () => ({ operations: parts, bytes: 4 * parts }),
  };
}

function adamwOf(memory: Memory, lanes: Lanes, { window, span, hasShadow }: Stream): OpPlan {
  const { placement, gradient, parameters, m, v, weights, step, decision } = memory;
  const kind = {
    isDecayed: placement.chunks[window.chunk]!.isDecayed,
    hasHalfMoments: m.held[window.chunk] === 'bf16',
    hasShadow,
  };
  return {
    kernel: adamw(lanes, kind),
    views: [
      ...[step, span, decision],
      ...[gradient, parameters, m, v, ...(hasShadow ? [weights] : [])].map((vector) => vector.window(window)),
    ],
    groups: () => grid(streamGroups(lanes, window.elements)),
    work: () => adamwWork(kind, window.elements),
  };
}

const shadowOf = ({ parameters, weights }: Memory, lanes: Lanes, { window, span }: Stream): OpPlan => ({
  kernel: shadow(lanes),
  views: [span, parameters.window(window), weights.window(window)],
  groups: () => grid(streamGroups(lanes, window.elements)),
  work: () => ({ operations: 3 * window.elements, bytes: 6 * window.elements }),
});

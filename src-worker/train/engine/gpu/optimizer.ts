import type { AdamWSettings } from '../engine.ts';
import { STREAM_BYTES } from '../limits.ts';
import type { Arena } from './arena.ts';
import type { GpuDevice } from './device.ts';
import { type Memory, PLACE_BYTES, within } from './memory.ts';
import type { Op, Pipelines } from './pipelines.ts';
import { windows } from './placement.ts';
import type { Queue } from './queue.ts';
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
    const { placement, gradient, parameters, weights, m, v, normParts, decision, step, spans } = memory;
    const isScaled = memory.format === 'f16';
    const all = windows(placement, STREAM_BYTES);
    let parts = 0;
    let before = 0;
    const spanAt = (index: number) => within(spans, index * PLACE_BYTES, 16);
    const spanWords = new Uint32Array((all.length * PLACE_BYTES) / 4);
    const norm = await pipelines.ops([
      ...all.map((window, index) => {
        const groups = Math.ceil(window.elements / NORM_SPAN);
        spanWords.set([window.elements, parts, before], (index * PLACE_BYTES) / 4);
        parts += groups;
        before += window.elements;
        return {
          kernel: squares(lanes.stream),
          views: [spanAt(index), gradient.window(window), normParts],
          groups: () => grid(groups),
          work: () => ({ operations: 2 * window.elements, bytes: 4 * window.elements }),
        };
      }),
      {
        kernel: decide(lanes.stream, { isScaled }),
        views: [step, normParts, decision, ...(isScaled ? [memory.lossScale, memory.overflow] : [])],
        groups: () => [1, 1] as const,
        work: () => ({ operations: parts, bytes: 4 * parts }),
      },
    ]);
    gpu.device.queue.writeBuffer(spans.buffer, spans.offset, spanWords);
    const update = await pipelines.ops(
      all.map((window, index) => {
        const kind = {
          isDecayed: placement.chunks[window.chunk]!.isDecayed,
          hasHalfMoments: m.held[window.chunk] === 'bf16',
          hasShadow: weights.held[window.chunk] === 'f16',
        };
        return {
          kernel: adamw(lanes, kind),
          views: [
            ...[step, spanAt(index), decision],
            ...[gradient, parameters, m, v].map((vector) => vector.window(window)),
            ...(weights.held[window.chunk] === 'f16' ? [weights.window(window)] : []),
          ],
          groups: () => grid(streamGroups(lanes, window.elements)),
          work: () => adamwWork(kind, window.elements),
        };
      }),
    );
    const narrowed = await pipelines.ops(
      all.flatMap((window, index) =>
        weights.held[window.chunk] === 'f16'
          ? [
              {
                kernel: shadow(lanes),
                views: [spanAt(index), parameters.window(window), weights.window(window)],
                groups: () => grid(streamGroups(lanes, window.elements)),
                work: () => ({ operations: 3 * window.elements, bytes: 6 * window.elements }),
              },
            ]
          : [],
      ),
    );
    return new OptimizerOps(memory, { norm, adamw: update, shadow: narrowed, parts });
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

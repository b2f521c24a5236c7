import { type Throttle, unthrottled } from '../throttle.ts';
import type { Arena } from './arena.ts';
import type { GpuDevice } from './device.ts';
import { Pace } from './pace.ts';
import type { Op } from './pipelines.ts';
import type { View } from './tally.ts';
import { type Groups, MAX_GROUPS } from './wgsl/kernel.ts';
import type { Work } from './work.ts';

/**
 * Work for the device in order: dispatches are recorded until they make a slice, and whatever is written in between
 * waits for those before it.
 */
export class Queue {
  readonly #gpu: GpuDevice;
  readonly #pace: Pace;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #operations = 0;
  #bytes = 0;
  #signal: AbortSignal | undefined;

  constructor(gpu: GpuDevice, throttle: Throttle = unthrottled) {
    this.#gpu = gpu;
    this.#pace = new Pace(gpu, throttle);
  }

  /**
   * Runs `work`, which queues and waits. When the signal aborts, what is recorded is dropped, and what the device has
   * begun is waited for.
   * @throws the signal's reason
   */
  async until<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    this.#signal = signal;
    try {
      return await work();
    } catch (thrown) {
      this.#finish();
      if (signal?.aborted) await this.#pace.idle();
      throw thrown;
    } finally {
      this.#signal = undefined;
    }
  }

  /** Queues dispatches for so many rows; one that is longer than a slice goes in several. */
  async run(ops: readonly Op[], rows: number): Promise<void> {
    for (const op of ops) {
      const groups = op.groups(rows);
      const work = op.work(rows);
      if (this.#isTooLong(op, groups, work)) await this.#runCut(op, groups[0] * groups[1], work);
      else this.#dispatch(op, groups, work);
      if (this.#pace.slices(this.#recorded) >= 1) await this.flush();
    }
  }

  #isTooLong({ begin }: Op, [across, down]: Groups, work: Work): boolean {
    return begin !== null && across * down > 1 && this.#pace.slices(work) > 1;
  }

  /** A slice at a time: how many workgroups make one is looked at anew each time, since the speed is learnt meanwhile. */
  async #runCut(op: Op, count: number, work: Work): Promise<void> {
    await this.flush();
    try {
      for (let begin = 0; begin < count; ) {
        const own = cut(count - begin, count / this.#pace.slices(work));
        if (begin > 0) this.#begin(op, begin);
        this.#dispatch(op, gridOf(own), part(work, own / count));
        begin += own;
        await this.flush();
      }
    } finally {
      this.#begin(op, 0);
    }
  }

  #dispatch({ pipeline, bindGroup }: Op, [across, down]: Groups, { operations, bytes }: Work): void {
    const pass = this.#openPass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(across, down);
    this.#operations += operations;
    this.#bytes += bytes;
  }

  /** Where the next dispatch of this op begins. Nothing is recorded. */
  #begin({ begin }: Op, group: number): void {
    const { buffer, offset } = begin!;
    this.#gpu.device.queue.writeBuffer(buffer, offset, Uint32Array.of(group));
  }

  get #recorded(): Work {
    return { operations: this.#operations, bytes: this.#bytes };
  }

  /** Queues zeros. */
  clear(views: readonly View[]): void {
    this.#closePass();
    for (const { buffer, offset, size } of views) this.#open().clearBuffer(buffer, offset, size);
  }

  /** Queues a copy of some bytes on the device: as many as `from` has. */
  copy(from: View, to: View): void {
    this.#closePass();
    this.#open().copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, from.size);
  }

  /** Hands what is recorded to the device. */
  async flush(): Promise<void> {
    this.#signal?.throwIfAborted();
    const commands = this.#finish();
    if (commands) await this.#pace.submit(commands.buffer, commands.work);
  }

  /**
   * Resolves when the device has done all.
   * @param question whose answer says so, where there is one to ask anyway
   */
  async idle(question?: () => Promise<unknown>): Promise<void> {
    this.#signal?.throwIfAborted();
    const commands = this.#finish();
    if (commands) this.#pace.hand(commands.buffer, commands.work);
    await this.#pace.idle(question);
  }

  /** Small numbers, behind all that is queued. */
  write32(arena: Arena, view: View, data: Uint32Array | Float32Array): void {
    this.#submitUnpaced();
    arena.write(view, data);
  }

  /** Resolves when what was written is on the device: until then it takes memory of this process. */
  async written(): Promise<void> {
    this.#gpu.device.queue.submit([]);
    await this.#gpu.answer(this.#gpu.device.queue.onSubmittedWorkDone());
  }

  /** The first numbers of a view, as few as fit into a staging buffer, when the device has done all. */
  async read(arena: Arena, view: View, elements: number): Promise<Float32Array> {
    const into = new Float32Array(elements);
    this.copy({ ...view, size: into.byteLength }, arena.staging);
    await this.idle(() => arena.staged(into));
    return into;
  }

  #open(): GPUCommandEncoder {
    this.#encoder ??= this.#gpu.device.createCommandEncoder();
    return this.#encoder;
  }

  #openPass(): GPUComputePassEncoder {
    this.#pass ??= this.#open().beginComputePass();
    return this.#pass;
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #finish(): { buffer: GPUCommandBuffer; work: Work } | null {
    if (!this.#encoder) return null;
    this.#closePass();
    const finished = { buffer: this.#encoder.finish(), work: this.#recorded };
    this.#encoder = null;
    this.#operations = 0;
    this.#bytes = 0;
    return finished;
  }

  /** What is recorded goes first; it is little, and the next slice waits for it. */
  #submitUnpaced(): void {
    const commands = this.#finish();
    if (commands) this.#gpu.device.queue.submit([commands.buffer]);
  }
}

const part = ({ operations, bytes }: Work, of: number): Work => ({
  operations: operations * of,
  bytes: bytes * of,
});

/** A grid of exactly so many workgroups, as `cut` gives them. */
const gridOf = (own: number): Groups => (own <= MAX_GROUPS ? [own, 1] : [MAX_GROUPS, own / MAX_GROUPS]);

/**
 * So many of the workgroups that are left as fit into a slice, one at least. A grid of several lines has whole lines:
 * one that began beyond the end of a part would be done twice.
 */
function cut(left: number, fits: number): number {
  const own = Math.max(1, Math.min(left, Math.floor(fits)));
  return own <= MAX_GROUPS ? own : own - (own % MAX_GROUPS);
}

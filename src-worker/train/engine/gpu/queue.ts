import { type Throttle, unthrottled } from '../throttle.ts';
import type { Arena } from './arena.ts';
import type { GpuDevice } from './device.ts';
import { Pace } from './pace.ts';
import type { Op } from './pipelines.ts';
import type { View } from './tally.ts';

/**
 * Work for the device in order: dispatches are recorded until they make a slice, and whatever is written in between
 * waits for those before it.
 */
export class Queue {
  readonly #gpu: GpuDevice;
  readonly #pace: Pace;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #work = 0;
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

  /** Queues dispatches for so many rows. */
  async run(ops: readonly Op[], rows: number): Promise<void> {
    for (const { pipeline, bindGroup, groups, work } of ops) {
      const pass = this.#openPass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...groups(rows));
      this.#work += work(rows);
      if (this.#work >= this.#pace.sliceWork) await this.flush();
    }
  }

  /** Queues zeros. */
  async clear(views: readonly View[]): Promise<void> {
    this.#closePass();
    for (const { buffer, offset, size } of views) this.#open().clearBuffer(buffer, offset, size);
  }

  /** Queues a copy of some bytes on the device. */
  copy(from: View, to: View): void {
    this.#closePass();
    this.#open().copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, to.size);
  }

  /** Hands what is recorded to the device. */
  async flush(): Promise<void> {
    this.#signal?.throwIfAborted();
    const commands = this.#finish();
    if (commands) await this.#pace.submit(commands.buffer, commands.work);
  }

  /** Resolves when the device has done all. */
  async idle(): Promise<void> {
    await this.flush();
    await this.#pace.idle();
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

  /** The first numbers of a view, when the device has done all. */
  async read(arena: Arena, { buffer, offset }: View, elements: number): Promise<Float32Array> {
    await this.idle();
    const into = new Float32Array(elements);
    await arena.read([{ buffer, byteOffset: offset, elements }], into);
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

  #finish(): { buffer: GPUCommandBuffer; work: number } | null {
    if (!this.#encoder) return null;
    this.#closePass();
    const finished = { buffer: this.#encoder.finish(), work: this.#work };
    this.#encoder = null;
    this.#work = 0;
    return finished;
  }

  /** What is recorded goes first; it is little, and the next slice waits for it. */
  #submitUnpaced(): void {
    const commands = this.#finish();
    if (commands) this.#gpu.device.queue.submit([commands.buffer]);
  }
}

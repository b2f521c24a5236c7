import { setTimeout as sleep } from 'node:timers/promises';
import { SLICE_MS } from '../limits.ts';
import type { GpuDevice } from './device.ts';

/** Share of a prediction that is slept through before the device is asked: asking keeps a core busy. */
const SLEPT = 0.95;
/** Work of the first slices, before anything was measured. */
const FIRST_PER_MS = 1e6;

/**
 * Hands work to the device in slices of less than `SLICE_MS`, so that the desktop gets its turn, and never more than two
 * at a time: the next one is queued while one runs. What a slice takes is predicted from those before.
 */
export class Pace {
  readonly #gpu: GpuDevice;
  #perMs = FIRST_PER_MS;
  /** Ends of the slices under way, oldest first. */
  readonly #underWay: { readonly work: number; readonly queuedMs: number; readonly done: Promise<void> }[] =
    [];
  #idleSinceMs = 0;

  constructor(gpu: GpuDevice) {
    this.#gpu = gpu;
  }

  /** Floating-point operations of one slice. */
  get sliceWork(): number {
    return this.#perMs * SLICE_MS;
  }

  /** Submits a slice; resolves when the device has room for the next one. */
  async submit(commands: GPUCommandBuffer, work: number): Promise<void> {
    const { queue } = this.#gpu.device;
    queue.submit([commands]);
    this.#underWay.push({ work, queuedMs: performance.now(), done: queue.onSubmittedWorkDone() });
    if (this.#underWay.length > 1) await this.#oldest();
  }

  /** Resolves when all that was submitted is done. */
  async idle(): Promise<void> {
    while (this.#underWay.length > 0) await this.#oldest();
  }

  async #oldest(): Promise<void> {
    const { work, queuedMs, done } = this.#underWay.shift()!;
    const startedMs = Math.max(queuedMs, this.#idleSinceMs);
    const restMs = SLEPT * (work / this.#perMs) - (performance.now() - startedMs);
    if (restMs > 1) await sleep(restMs);
    await Promise.race([done, this.#gpu.failed]);
    this.#idleSinceMs = performance.now();
    // Short slices say little: their time is that of asking.
    const tookMs = this.#idleSinceMs - startedMs;
    if (work > 0 && tookMs > 1) this.#perMs += 0.2 * (work / tookMs - this.#perMs);
  }
}

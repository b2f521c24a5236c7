import { setTimeout as sleep } from 'node:timers/promises';
import { SLICE_MS, SLICES_UNASKED } from '../limits.ts';
import { restMs, type Throttle } from '../throttle.ts';
import type { GpuDevice } from './device.ts';

/** Share of a prediction that is slept through before the device is asked: asking keeps a core busy until it answers. */
const SLEPT = 0.95;
/** Work done in a millisecond, before anything was measured: that of a slow software adapter. */
const FIRST_PER_MS = 1e6;
/** An answer that comes sooner than this was there already: the sleep was too long. */
const AT_ONCE_MS = 0.5;
/** What one measurement may change at most: a shader's first run takes seconds, and says nothing of the next. */
const [SLOWER, FASTER] = [0.5, 2];

/**
 * Hands work to the device in slices of less than `SLICE_MS`, so that the desktop gets its turn, and keeps one slice
 * queued behind the one that runs. When a slice ends is predicted and slept for; the device itself is asked only after
 * every few of them, or where somebody needs the result.
 */
export class Pace {
  readonly #gpu: GpuDevice;
  readonly #throttle: Throttle;
  #perMs = FIRST_PER_MS;
  /** Since the device was last known to be idle: work handed over, slices, and when the first one was. */
  #work = 0;
  #slices = 0;
  #sinceMs = 0;

  constructor(gpu: GpuDevice, throttle: Throttle) {
    this.#gpu = gpu;
    this.#throttle = throttle;
  }

  /** Floating-point operations of one slice. */
  get sliceWork(): number {
    return this.#perMs * SLICE_MS;
  }

  /** Submits a slice; resolves when the device has room for the next one, and has rested as it must. */
  async submit(commands: GPUCommandBuffer, work: number): Promise<void> {
    this.#gpu.device.queue.submit([commands]);
    if (this.#slices === 0) this.#sinceMs = performance.now();
    this.#work += work;
    this.#slices += 1;
    if (this.#throttle.share < 1) return this.#rest(await this.#done());
    if (this.#slices >= SLICES_UNASKED) return this.idle();
    const ahead = this.#aheadMs() - SLICE_MS;
    if (ahead > 1) await this.#gpu.answer(sleep(ahead));
  }

  /** Resolves when all that was submitted is done. */
  async idle(): Promise<void> {
    await this.#done();
  }

  /** @returns how long the device worked since it was last known to be idle, in ms */
  async #done(): Promise<number> {
    if (this.#slices === 0) return 0;
    const ahead = SLEPT * this.#aheadMs();
    if (ahead > 1) await this.#gpu.answer(sleep(ahead));
    const askedMs = performance.now();
    await this.#gpu.answer(this.#gpu.device.queue.onSubmittedWorkDone());
    const nowMs = performance.now();
    this.#learn(nowMs, askedMs);
    this.#slices = 0;
    this.#work = 0;
    return nowMs - this.#sinceMs;
  }

  async #rest(workedMs: number): Promise<void> {
    const ms = restMs(workedMs, this.#throttle);
    if (ms > 0) await this.#gpu.answer(sleep(ms));
  }

  /** Until the device should be done, in ms. */
  #aheadMs(): number {
    return this.#work / this.#perMs - (performance.now() - this.#sinceMs);
  }

  #learn(nowMs: number, askedMs: number): void {
    const tookMs = nowMs - this.#sinceMs;
    if (this.#work === 0 || tookMs < 1) return;
    const seen = nowMs - askedMs < AT_ONCE_MS ? this.#perMs * FASTER : this.#work / tookMs;
    this.#perMs = Math.min(this.#perMs * FASTER, Math.max(this.#perMs * SLOWER, seen));
  }
}

import { LONGEST_SLEEP_MS, SLICE_MS, SLICES_UNASKED } from '../limits.ts';
import { restMs, type Throttle } from '../throttle.ts';
import type { GpuDevice } from './device.ts';
import { Speeds, type Work } from './work.ts';

/** Share of a prediction that is slept through before the device is asked: asking keeps a core busy until it answers. */
const SLEPT = 0.95;
/** A timer may be late by so much, and a shorter sleep is not worth one. */
const TIMER_MS = 1;
/** An answer that comes sooner than this after a sleep was there already: the sleep was too long. */
const AT_ONCE_MS = 0.5;
/** What is shorter was spent on the way to the device and back for the most part. */
const MEASURABLE_MS = 2;
/** Work is thought to take so many times as long at most as before: a shader's first run says nothing of the next. */
const SLOWER = 2;
/** Only work of so many slices says that a card is slower than was thought. */
const TEACHES = 0.5;
/** What the speed is thought to be after one answer that was there already: not all work is of one kind. */
const FASTER = 1.1;
/** So many of them in a row say that the speed is another one, and that it has to be measured. */
const EARLY_MOST = 2;
/** The longest sleep grows by this with each prediction that was not too long. */
const TRUST_GROWS = 4;

/**
 * Hands work to the device in slices of less than `SLICE_MS`, so that the desktop gets its turn, and keeps one slice
 * queued behind the one that runs. When a slice ends is predicted and slept for; the device itself is asked only after
 * every few of them, or where somebody needs the result. While its speed is not known it is asked for each slice without
 * sleeping: that costs some of a core for a moment, and a prediction that is wrong by a thousand would cost minutes.
 */
export class Pace {
  readonly #gpu: GpuDevice;
  readonly #throttle: Throttle;
  readonly #speeds = new Speeds();
  /** What may be slept in one go: nothing until a speed was measured, then more with each prediction that held. */
  #trustMs = 0;
  /** Answers in a row that were there already. */
  #early = 0;
  /** Since the device was last known to be idle: work handed over, slices, when the first one was, whether we slept. */
  #operations = 0;
  #bytes = 0;
  #slices = 0;
  #sinceMs = 0;
  #hasSlept = false;

  constructor(gpu: GpuDevice, throttle: Throttle) {
    this.#gpu = gpu;
    this.#throttle = throttle;
  }

  /** How many slices some work should come to. */
  slices(work: Work): number {
    return this.#speeds.ms(work) / SLICE_MS;
  }

  /** Submits a slice; resolves when the device has room for the next one, and has rested as it must. */
  async submit(commands: GPUCommandBuffer, work: Work): Promise<void> {
    this.hand(commands, work);
    const aheadMs = this.#aheadMs() - SLICE_MS;
    if (this.#throttle.share < 1 || this.#slices >= SLICES_UNASKED || aheadMs >= this.#trustMs)
      return this.idle();
    await this.#sleep(aheadMs);
  }

  /** Submits a slice that is awaited, with all before it, by what comes next. */
  hand(commands: GPUCommandBuffer, work: Work): void {
    this.#queue.submit([commands]);
    if (this.#slices === 0) this.#sinceMs = performance.now();
    this.#operations += work.operations;
    this.#bytes += work.bytes;
    this.#slices += 1;
  }

  /**
   * Resolves when all that was submitted is done, and has rested as it must.
   * @param question whose answer says so, where somebody has one to ask anyway: each is asked again and again
   */
  async idle(question?: () => Promise<unknown>): Promise<void> {
    if (this.#slices === 0) return void (await question?.());
    const workedMs = await this.#done(
      question ?? (() => this.#gpu.answer(this.#queue.onSubmittedWorkDone())),
    );
    const restsMs = restMs(workedMs, this.#throttle);
    if (restsMs > 0) await this.#gpu.pause(restsMs);
  }

  get #queue(): GPUQueue {
    return this.#gpu.device.queue;
  }

  /** @returns how long the device worked since it was last known to be idle, in ms */
  async #done(question: () => Promise<unknown>): Promise<number> {
    await this.#sleep(SLEPT * this.#aheadMs() - TIMER_MS);
    const askedMs = performance.now();
    await question();
    const nowMs = performance.now();
    const tookMs = nowMs - this.#sinceMs;
    if (this.#hasSlept && nowMs - askedMs < AT_ONCE_MS) this.#wasEarly();
    else this.#learn(tookMs);
    this.#slices = 0;
    this.#operations = 0;
    this.#bytes = 0;
    this.#hasSlept = false;
    return tookMs;
  }

  async #sleep(ms: number): Promise<void> {
    const own = Math.min(ms, this.#trustMs);
    if (own <= TIMER_MS) return;
    this.#hasSlept = true;
    await this.#gpu.pause(own);
  }

  get #handed(): Work {
    return { operations: this.#operations, bytes: this.#bytes };
  }

  /** Until the device should be done, in ms. */
  #aheadMs(): number {
    return this.#speeds.ms(this.#handed) - (performance.now() - this.#sinceMs);
  }

  /** The device was done before we asked, nobody knows how long. */
  #wasEarly(): void {
    this.#early += 1;
    this.#speeds.scale(1 / FASTER);
    if (this.#early >= EARLY_MOST) this.#trustMs = 0;
  }

  /** The device was done when it answered, so it is as fast as that, or faster where it had to wait or to compile. */
  #learn(tookMs: number): void {
    this.#early = 0;
    const thoughtMs = this.#speeds.ms(this.#handed);
    if (thoughtMs === 0 || tookMs === 0) return;
    const factor = Math.min(SLOWER, tookMs / thoughtMs);
    if (tookMs < MEASURABLE_MS) {
      if (this.#trustMs === 0 && factor < 1) this.#speeds.scale(factor);
      return;
    }
    if (factor > 1 && thoughtMs < TEACHES * SLICE_MS) return;
    // While nothing is known both speeds are wrong alike.
    if (this.#trustMs === 0) this.#speeds.scale(factor);
    else this.#speeds.blame(this.#handed, factor);
    this.#trustMs = Math.min(LONGEST_SLEEP_MS, Math.max(SLICE_MS, this.#trustMs * TRUST_GROWS));
  }
}

import { PACE_BURST_MS, PACED_BYTES, PACED_BYTES_MIN } from './limits.ts';
import { aborted, pause, underEither } from './waits.ts';

/**
 * A token bucket that all that goes out of one kind shares, so that somebody decides how much of the uplink it has. It
 * may be changed at any moment, also for what waits already.
 */
export class Pace {
  readonly #nowMs: () => number;
  #bytesPerSecond: number | null = null;
  /** Bytes that may go; below zero after a portion that was larger. */
  #credit = 0;
  #countedAtMs: number;
  #changed = new AbortController();
  #last: Promise<void> = Promise.resolve();

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#countedAtMs = nowMs();
  }

  /** @param bytesPerSecond null: as fast as it goes; 0: nothing goes */
  set(bytesPerSecond: number | null): void {
    this.#count();
    this.#bytesPerSecond = bytesPerSecond;
    this.#credit = Math.min(this.#credit, this.#burst());
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** Whether portions go without being counted. */
  get isOpen(): boolean {
    return this.#bytesPerSecond === null;
  }

  /** What a sender takes at once: what a pace lets out at once, so that it flows for all who send. */
  get portionBytes(): number {
    if (this.isOpen) return Number.POSITIVE_INFINITY;
    return Math.max(PACED_BYTES_MIN, Math.min(PACED_BYTES, Math.floor(this.#burst())));
  }

  /** Resolves when so many bytes may go, in the order of asking. @throws the signal's reason */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.isOpen) return;
    const mine = this.#last.then(() => this.#wait(bytes, signal));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const rate = this.#bytesPerSecond;
      if (rate === null) return;
      this.#count();
      if (rate > 0 && this.#credit > 0) {
        this.#credit -= bytes;
        return;
      }
      const shortMs = (1000 * (1 - this.#credit)) / rate;
      await underEither([signal, this.#changed.signal], (either) =>
        rate > 0 ? pause(Math.ceil(shortMs), either) : aborted(either),
      );
    }
  }

  #count(): void {
    const nowMs = this.#nowMs();
    const earned = ((this.#bytesPerSecond ?? 0) * (nowMs - this.#countedAtMs)) / 1000;
    this.#credit = Math.min(this.#burst(), this.#credit + earned);
    this.#countedAtMs = nowMs;
  }

  #burst(): number {
    return ((this.#bytesPerSecond ?? 0) * PACE_BURST_MS) / 1000;
  }
}

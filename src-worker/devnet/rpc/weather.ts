import { MAX_HELD_FRAMES } from '../limits.ts';

/**
 * A bad line on command: what the chain sends comes late, or not at all until it comes in one burst. Answers and
 * notifications keep their order. Requests are heard all the while: only what goes out is held.
 */
export class Weather {
  #delayMs = 0;
  #isHeld = false;
  #waiting: (() => void)[] = [];

  /** @returns false where too much waits already, and this was not taken */
  deliver(send: () => void): boolean {
    if (!this.#isHeld && this.#delayMs === 0 && this.#waiting.length === 0) {
      send();
      return true;
    }
    if (this.#waiting.length >= MAX_HELD_FRAMES) return false;
    this.#waiting.push(send);
    if (!this.#isHeld) setTimeout(() => this.#next(), this.#delayMs).unref();
    return true;
  }

  /** From now on everything comes so much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** True keeps everything back; false sends it all at once. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) while (this.#waiting.length > 0) this.#next();
  }

  /** Whoever waited longest: what was held before has been sent by then, or has a turn of its own. */
  #next(): void {
    if (!this.#isHeld) this.#waiting.shift()?.();
  }
}

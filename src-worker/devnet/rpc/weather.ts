import { MAX_HELD_FRAMES } from '../limits.ts';

interface Held {
  /** On the monotonic clock. */
  readonly dueMs: number;
  send(): void;
}

/**
 * A bad line on command: what the chain sends comes late, or not at all until it comes in one burst. Answers and
 * notifications keep their order. Requests are heard all the while: only what goes out is held.
 */
export class Weather {
  #delayMs = 0;
  #isHeld = false;
  #waiting: Held[] = [];

  /** @returns false where too much waits already, and this was not taken */
  deliver(send: () => void): boolean {
    if (!this.#isHeld && this.#delayMs === 0 && this.#waiting.length === 0) {
      send();
      return true;
    }
    if (this.#waiting.length >= MAX_HELD_FRAMES) return false;
    const last = this.#waiting.at(-1)?.dueMs ?? 0;
    const dueMs = Math.max(last, performance.now() + this.#delayMs);
    this.#waiting.push({ dueMs, send });
    setTimeout(() => this.#sendDue(), dueMs - performance.now()).unref();
    return true;
  }

  /** From now on everything comes so much later. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** True keeps everything back; false sends it all at once. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) return;
    for (const { send } of this.#waiting.splice(0)) send();
  }

  #sendDue(): void {
    if (this.#isHeld) return;
    // A timer may come a little early by this clock.
    const nowMs = performance.now() + 1;
    const due = this.#waiting.findIndex(({ dueMs }) => dueMs > nowMs);
    for (const { send } of this.#waiting.splice(0, due < 0 ? this.#waiting.length : due)) send();
  }
}

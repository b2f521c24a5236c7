import { awakeNow } from '../../../src-node/awake-clock.ts';
import { ANSWER_LIMIT_MS, STALL_LOOK_MS, STALLED_MS } from '../limits.ts';

/** Ends a transfer of which nothing moves. What waits for the pace is held by us, and does not count. */
export class StallWatch {
  readonly #stalled = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #movedAtMs = awakeNow();
  #limitMs = STALLED_MS;
  #held = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), STALL_LOOK_MS);
    this.#timer.unref();
  }

  get signal(): AbortSignal {
    return this.#stalled.signal;
  }

  moved(): void {
    this.#movedAtMs = awakeNow();
    this.#limitMs = STALLED_MS;
  }

  /** All is sent: the other side may put it together before it answers. */
  sent(): void {
    this.#movedAtMs = awakeNow();
    this.#limitMs = ANSWER_LIMIT_MS;
  }

  /** While the work lasts nothing has to move. */
  async hold(work: Promise<void>): Promise<void> {
    this.#held += 1;
    await work.finally(() => {
      this.#held -= 1;
      this.moved();
    });
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (this.#held > 0 || awakeNow() - this.#movedAtMs < this.#limitMs) return;
    this.end();
    this.#stalled.abort(new DOMException(`nothing moved for ${this.#limitMs} ms`, 'TimeoutError'));
  }
}

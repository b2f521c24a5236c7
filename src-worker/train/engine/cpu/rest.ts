import { WORK_BEFORE_REST_MS } from '../limits.ts';
import { restMs } from '../throttle.ts';
import type { Plan } from './plan.ts';
import { NEVER, SHARE, type Words } from './words.ts';

/** How hard the threads may work from their next stage on, as a share of their time. */
export function setShare(words: Words, share: number): void {
  Atomics.store(words, SHARE, Math.round(1000 * share));
}

/** The threads' one clock: `performance.now` begins anew in each. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

/**
 * Between two stages, while none is open, one thread rests for all: for what was worked since the last time. If each of
 * them rested, each would take the others' rest for work, and rest for that as well.
 */
export class Rest {
  readonly #words: Words;
  /** Since when they have worked, and what they had worked and not rested for when they last ended a stage. */
  readonly #times: Float64Array;

  constructor(words: Words, memory: WebAssembly.Memory, plan: Plan) {
    this.#words = words;
    this.#times = new Float64Array(memory.buffer, plan.workingSince, 2);
  }

  /** A command begins. From the end of the one before until now was no work; what that one owes is owed on. */
  begin(): void {
    this.#times[0] = nowMs() - this.#times[1]!;
  }

  /** @returns whether it took one */
  take(): boolean {
    const share = Atomics.load(this.#words, SHARE) / 1000;
    const isThrottled = share > 0 && share < 1;
    const workedMs = isThrottled ? nowMs() - this.#times[0]! : 0;
    const isDue = workedMs >= WORK_BEFORE_REST_MS;
    this.#times[1] = isDue ? 0 : workedMs;
    if (!isDue) return false;
    Atomics.wait(this.#words, NEVER, 0, restMs(workedMs, { share }));
    this.begin();
    return true;
  }
}

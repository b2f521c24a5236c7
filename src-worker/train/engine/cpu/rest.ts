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
  readonly #since: Float64Array;

  constructor(words: Words, memory: WebAssembly.Memory, plan: Plan) {
    this.#words = words;
    this.#since = new Float64Array(memory.buffer, plan.workingSince, 1);
  }

  /** What went before was no work. */
  begin(): void {
    this.#since[0] = nowMs();
  }

  /** @returns whether it took one */
  take(): boolean {
    const share = Atomics.load(this.#words, SHARE) / 1000;
    if (share === 0 || share >= 1) return false;
    const workedMs = nowMs() - this.#since[0]!;
    if (workedMs < WORK_BEFORE_REST_MS) return false;
    Atomics.wait(this.#words, NEVER, 0, restMs(workedMs, { share }));
    this.begin();
    return true;
  }
}

import type { EventOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { STEP_EVENT_EVERY_MS } from '../limits.ts';

export type StepEvent = EventOf<TrainContract, 'step'>;

/** Folds steps into at most four events a second: the last values, with the tokens and the time of all steps since. */
export class StepReport {
  readonly #emit: (event: StepEvent) => void;
  #held: StepEvent | null = null;
  #carried = { tokens: 0, stepMs: 0 };
  readonly #nowMs: () => number;
  #emittedMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs the monotonic clock: a wall clock that is set back would silence us */
  constructor(emit: (event: StepEvent) => void, nowMs: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#nowMs = nowMs;
  }

  step(event: StepEvent): void {
    this.work(event);
    this.#held = { ...event, ...this.#carried };
    if (this.#nowMs() - this.#emittedMs >= STEP_EVENT_EVERY_MS) this.flush();
  }

  /**
   * Counts a step without showing its loss: the first one of a round is taken at the committed base, and its loss
   * says nothing of the local weights.
   */
  work({ tokens, stepMs }: Pick<StepEvent, 'tokens' | 'stepMs'>): void {
    this.#carried = { tokens: this.#carried.tokens + tokens, stepMs: this.#carried.stepMs + stepMs };
  }

  /** Training rests: what is held back would otherwise wait for the next round. */
  flush(): void {
    if (!this.#held) return;
    const event = this.#held;
    this.#held = null;
    this.#carried = { tokens: 0, stepMs: 0 };
    this.#emittedMs = this.#nowMs();
    this.#emit(event);
  }
}

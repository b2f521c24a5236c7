import type { EventOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { STEP_EVENT_EVERY_MS } from '../limits.ts';

export type StepEvent = EventOf<TrainContract, 'step'>;

/** Who hears of steps that were taken, and of how many were not. */
export interface StepListener {
  step(event: StepEvent): void;
  skipped(steps: number): void;
}

/** What is told of all steps since the last event. */
const nothing = { tokens: 0, stepMs: 0 };

/** Folds steps into at most four events a second: the last values, with the tokens and the time of all steps since. */
export class StepReport {
  readonly #listener: StepListener;
  #held: StepEvent | null = null;
  #carried = nothing;
  #skipped = 0;
  readonly #nowMs: () => number;
  #emittedMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs the monotonic clock: a wall clock that is set back would silence us */
  constructor(listener: StepListener, nowMs: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#nowMs = nowMs;
  }

  step(event: StepEvent): void {
    this.work(event);
    this.#held = { ...event, ...this.#carried };
    this.#flushWhenDue();
  }

  /**
   * Counts a step without showing its loss: the first one of a round is taken at the committed base, and its loss
   * says nothing of the local weights.
   */
  work({ tokens, stepMs }: Pick<StepEvent, 'tokens' | 'stepMs'>): void {
    const { tokens: before, stepMs: beforeMs } = this.#carried;
    this.#carried = { tokens: before + tokens, stepMs: beforeMs + stepMs };
  }

  /** Counts a step that was not taken, because its gradient was not finite. */
  skipped(): void {
    this.#skipped += 1;
    this.#flushWhenDue();
  }

  /** Training rests: what is held back would otherwise wait for the next round. */
  flush(): void {
    const { step, skipped } = { step: this.#held, skipped: this.#skipped };
    if (!step && skipped === 0) return;
    this.#emittedMs = this.#nowMs();
    if (step) this.#carried = nothing;
    this.#held = null;
    this.#skipped = 0;
    if (skipped > 0) this.#listener.skipped(skipped);
    if (step) this.#listener.step(step);
  }

  #flushWhenDue(): void {
    if (this.#nowMs() - this.#emittedMs >= STEP_EVENT_EVERY_MS) this.flush();
  }
}

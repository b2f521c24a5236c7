import type { EventOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { STEP_EVENT_EVERY_MS } from '../limits.ts';

export type StepEvent = EventOf<TrainContract, 'step'>;

/** What is told of all steps since the last event. */
const nothing = { tokens: 0, stepMs: 0, skipped: 0 };

/** Folds steps into at most four events a second: the last values, with the tokens and the time of all steps since. */
export class StepReport {
  readonly #emit: (event: StepEvent) => void;
  #held: StepEvent | null = null;
  #carried = nothing;
  readonly #nowMs: () => number;
  #emittedMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs the monotonic clock: a wall clock that is set back would silence us */
  constructor(emit: (event: StepEvent) => void, nowMs: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#nowMs = nowMs;
  }

  step(event: Omit<StepEvent, 'skipped'>): void {
    this.work(event);
    this.#held = { ...event, ...this.#carried };
    if (this.#nowMs() - this.#emittedMs >= STEP_EVENT_EVERY_MS) this.flush();
  }

  /**
   * Counts a step without showing its loss: the first one of a round is taken at the committed base, and its loss
   * says nothing of the local weights.
   */
  work({ tokens, stepMs }: Pick<StepEvent, 'tokens' | 'stepMs'>): void {
    const { tokens: before, stepMs: beforeMs, skipped } = this.#carried;
    this.#carried = { tokens: before + tokens, stepMs: beforeMs + stepMs, skipped };
  }

  /** Counts a step that was not taken, because its gradient was not finite. */
  skipped(): void {
    this.#carried = { ...this.#carried, skipped: this.#carried.skipped + 1 };
  }

  /** Training rests: what is held back would otherwise wait for the next round. */
  flush(): void {
    if (!this.#held) return;
    const event = this.#held;
    this.#held = null;
    this.#carried = nothing;
    this.#emittedMs = this.#nowMs();
    this.#emit(event);
  }
}

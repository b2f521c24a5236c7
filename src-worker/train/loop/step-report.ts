import type { EventOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { STEP_EVENT_EVERY_MS } from '../limits.ts';

export type StepEvent = EventOf<TrainContract, 'step'>;

/** Folds steps into at most four events a second: the last values, and the tokens of all steps since. */
export class StepReport {
  readonly #emit: (event: StepEvent) => void;
  #held: StepEvent | null = null;
  #emittedAtMs = Number.NEGATIVE_INFINITY;

  constructor(emit: (event: StepEvent) => void) {
    this.#emit = emit;
  }

  step(event: StepEvent): void {
    this.#held = { ...event, tokens: event.tokens + (this.#held?.tokens ?? 0) };
    if (event.atMs - this.#emittedAtMs >= STEP_EVENT_EVERY_MS) this.flush();
  }

  /** Training rests: what is held back would otherwise wait for the next round. */
  flush(): void {
    if (!this.#held) return;
    const event = this.#held;
    this.#held = null;
    this.#emittedAtMs = event.atMs;
    this.#emit(event);
  }
}

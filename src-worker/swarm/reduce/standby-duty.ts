import { WINDOW_CHUNKS } from '../limits.ts';
import type { Fates } from './fates.ts';
import type { Line } from './line.ts';
import type { RoundPlan } from './plan.ts';
import type { Reducer } from './reducer.ts';

interface Duty {
  readonly plan: RoundPlan;
  readonly fates: Fates;
  readonly reducer: Pick<Reducer, 'start' | 'drop'>;
  readonly lines: () => Iterable<Pick<Line, 'ask'>>;
  /** Our word that a chunk has no result. */
  readonly sayNone: (chunk: number) => void;
  /** Chunks for which this member may answer: of others nobody knows what it said before a restart. */
  readonly mayAnswer: (chunk: number) => boolean;
}

/**
 * What this member does for chunks whose reducer gave no result: it asks everybody for them, a window at a time, and
 * takes the reducer's own result from whoever has it, or reduces the chunk itself.
 */
export class StandbyDuty {
  readonly #duty: Duty;
  #waiting: number[] = [];
  readonly #underWay = new Set<number>();

  constructor(duty: Duty) {
    this.#duty = duty;
  }

  /** The main share is over. */
  begin(): void {
    const { plan, fates, mayAnswer } = this.#duty;
    this.#waiting = Array.from({ length: plan.grid.chunks }, (_, chunk) => chunk).filter(
      (chunk) => plan.isOwnStandby(chunk) && !fates.isSettled(chunk) && mayAnswer(chunk),
    );
    this.#fill();
  }

  /** That chunk is answered, by us or by others. */
  over(chunk: number): void {
    if (!this.#underWay.delete(chunk)) return;
    this.#duty.reducer.drop(chunk);
    this.#fill();
  }

  /** The exchange is over: what was not even asked for has no result. */
  end(): void {
    for (const chunk of this.#waiting.splice(0))
      if (!this.#duty.fates.isSettled(chunk)) this.#duty.sayNone(chunk);
  }

  #fill(): void {
    const { plan, fates, reducer, lines } = this.#duty;
    while (this.#underWay.size < WINDOW_CHUNKS && this.#waiting.length > 0) {
      const chunk = this.#waiting.shift()!;
      if (fates.isSettled(chunk)) continue;
      this.#underWay.add(chunk);
      for (const line of lines()) line.ask(chunk);
      reducer.start(chunk, plan.times.exchangeMs);
    }
  }
}

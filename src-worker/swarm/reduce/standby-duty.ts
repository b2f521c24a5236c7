import { standbysAskAllAtMs } from '../../../src-shared/rounds/exchange-times.ts';
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
  /** Whether a reducer gives results, and so many more of them will have come by then, in ms after time zero. */
  readonly willHaveCome: (reducer: number, owed: number, byMs: number) => boolean;
  /** Our word that a chunk has no result. */
  readonly sayNone: (chunk: number) => void;
  /** Chunks for which this member may answer: of others nobody knows what it said before a restart. */
  readonly mayAnswer: (chunk: number) => boolean;
}

/**
 * What this member does for chunks whose reducer gave no result: it asks everybody for them, a window at a time, and
 * takes the reducer's own result from whoever has it, or reduces the chunk itself. A reducer whose results still come, and
 * quickly enough, is waited for while half of the time is left (decision 91).
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
    this.look();
  }

  /** Asks for what does not come by itself any more, as far as the window goes. */
  look(): void {
    const { plan, fates } = this.#duty;
    const coming = new Map<number, boolean>();
    const isComing = (reducer: number): boolean => {
      const known = coming.get(reducer) ?? this.#isComing(reducer);
      coming.set(reducer, known);
      return known;
    };
    for (let looks = this.#waiting.length; looks > 0 && this.#underWay.size < WINDOW_CHUNKS; looks--) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return;
      if (fates.isSettled(chunk)) continue;
      if (isComing(plan.reducerOf(chunk))) this.#waiting.push(chunk);
      else this.#ask(chunk);
    }
  }

  /** Whether everybody was asked for that chunk, and it is not answered yet. */
  hasAsked(chunk: number): boolean {
    return this.#underWay.has(chunk);
  }

  /** That chunk is answered, by us or by others. */
  over(chunk: number): void {
    if (!this.#underWay.delete(chunk)) return;
    this.#duty.reducer.drop(chunk);
    this.look();
  }

  /** The exchange is over: what was not even asked for has no result. */
  end(): void {
    for (const chunk of this.#waiting.splice(0))
      if (!this.#duty.fates.isSettled(chunk)) this.#duty.sayNone(chunk);
  }

  #isComing(reducer: number): boolean {
    const { plan, fates, willHaveCome } = this.#duty;
    const owed = [...plan.part(reducer)].filter((chunk) => !fates.isReduced(chunk)).length;
    return willHaveCome(reducer, owed, standbysAskAllAtMs(plan.times));
  }

  #ask(chunk: number): void {
    const { plan, reducer, lines } = this.#duty;
    this.#underWay.add(chunk);
    for (const line of lines()) line.ask(chunk);
    reducer.start(chunk, plan.times.exchangeMs);
  }
}

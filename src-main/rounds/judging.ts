import { aborted } from '../../src-node/waits.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import { JUDGE_LIMIT_MS } from './limits.ts';

/** A round that waits to be judged while `train` still stands on its base. */
export interface Judgement {
  readonly round: JudgedRound;
  /** Aborts when the round waits no longer: what needs its base must end then. */
  readonly signal: AbortSignal;
}

/** The one judgement that is asked for at a time. */
export interface JudgeDesk {
  /** What is asked for now, for a judge that comes late. */
  readonly asked: Judgement | null;
  /** Asks, and resolves when the judge has answered or the limit has passed. */
  ask(round: JudgedRound): Promise<void>;
  /** The judge's word that it is done with a round. */
  answer(round: number): void;
}

export function judgeDesk(tell: (judgement: Judgement) => void, signal: AbortSignal): JudgeDesk {
  let asked: { readonly judgement: Judgement; readonly done: AbortController } | null = null;
  return {
    get asked() {
      return asked?.judgement ?? null;
    },
    async ask(round) {
      const done = new AbortController();
      const timer = setTimeout(() => done.abort(), JUDGE_LIMIT_MS);
      const limit = AbortSignal.any([signal, done.signal]);
      const own = { judgement: { round, signal: limit }, done };
      asked = own;
      tell(own.judgement);
      await aborted(limit);
      clearTimeout(timer);
      if (asked === own) asked = null;
    },
    answer(round) {
      if (asked?.judgement.round.round === round) asked.done.abort();
    },
  };
}

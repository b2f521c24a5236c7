import { timeZero } from '../../../src-shared/rounds/time-zero.ts';
import type { RoundPlan } from './plan.ts';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
  timer: NodeJS.Timeout | null;
}

/**
 * The time of an exchange. Its zero is the arrival of the agreed roster; members say how long ago that was for them,
 * and each takes the median of what it heard and its own, moved by at most the slack: a late host catches up, and one
 * that lies moves nobody further than what every closing time allows for.
 */
export class RoundClock {
  readonly #slackMs: number;
  /** null for who came back in the middle of the round: only the others know. */
  readonly #ownZeroMs: number | null;
  readonly #heard = new Map<number, number>();
  readonly #due = new Set<Due>();
  #zeroMs = performance.now();

  /** @param isResumed this member took part before a restart, so this is not when the roster came */
  constructor({ times }: RoundPlan, isResumed: boolean) {
    this.#slackMs = times.slackMs;
    this.#ownZeroMs = isResumed ? null : this.#zeroMs;
  }

  /** Ms since time zero. */
  get nowMs(): number {
    return performance.now() - this.#zeroMs;
  }

  /** What the others are told: how long ago the roster came to this member. */
  get agoMs(): number | null {
    return this.#ownZeroMs === null ? null : performance.now() - this.#ownZeroMs;
  }

  /** @param agoMs null from who does not know */
  hear(member: number, agoMs: number | null): void {
    if (agoMs === null) return;
    this.#heard.set(member, performance.now() - agoMs);
    this.#zeroMs = this.#agreed();
    for (const due of this.#due) this.#arm(due);
  }

  /** Runs once at that time, or at once where it has passed. @returns what takes it back */
  at(atMs: number, run: () => void): () => void {
    const due: Due = { atMs, run, timer: null };
    this.#due.add(due);
    this.#arm(due);
    return () => {
      if (due.timer) clearTimeout(due.timer);
      this.#due.delete(due);
    };
  }

  stop(): void {
    for (const { timer } of this.#due) if (timer) clearTimeout(timer);
    this.#due.clear();
  }

  #arm(due: Due): void {
    if (due.timer) clearTimeout(due.timer);
    const waitMs = Math.max(0, Math.ceil(due.atMs - this.nowMs));
    due.timer = setTimeout(() => {
      this.#due.delete(due);
      due.run();
    }, waitMs);
  }

  #agreed(): number {
    return timeZero(this.#ownZeroMs, [...this.#heard.values()], this.#slackMs);
  }
}

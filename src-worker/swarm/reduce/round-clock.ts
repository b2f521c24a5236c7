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
 * that lies moves nobody further than what every closing time allows for. Who came back in the middle of it knows to a
 * block when that was, and moves within this only for more than half of the others: the first to answer may lie.
 */
export class RoundClock {
  readonly #withinMs: number;
  /** So many of the others must be heard before they count. */
  readonly #enough: number;
  readonly #isResumed: boolean;
  readonly #startedAtMs = performance.now();
  readonly #ownZeroMs: number;
  readonly #heard = new Map<number, number>();
  readonly #due = new Set<Due>();
  #zeroMs: number;

  /**
   * @param resumed where this member took part before a restart, so that this is not when the roster came; null where it
   * did not
   * @param resumed.rosterAgoBlocks final blocks since then
   */
  constructor(
    { times, members }: Pick<RoundPlan, 'times' | 'members'>,
    resumed: { readonly rosterAgoBlocks: number } | null,
  ) {
    this.#isResumed = resumed !== null;
    this.#withinMs = times.slackMs + (resumed ? times.blockMs : 0);
    this.#enough = resumed ? Math.floor((members.length - 1) / 2) + 1 : 0;
    this.#ownZeroMs = this.#startedAtMs - (resumed?.rosterAgoBlocks ?? 0) * times.blockMs;
    this.#zeroMs = this.#ownZeroMs;
  }

  /** Ms since time zero. */
  get nowMs(): number {
    return performance.now() - this.#zeroMs;
  }

  /** What the others are told: how long ago the roster came to this member; null where that is an estimate. */
  get agoMs(): number | null {
    return this.#isResumed ? null : performance.now() - this.#ownZeroMs;
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
    if (this.#heard.size < this.#enough) return this.#zeroMs;
    const zeroMs = timeZero(this.#ownZeroMs, [...this.#heard.values()], this.#withinMs);
    // The roster was there before this start.
    return this.#isResumed ? Math.min(zeroMs, this.#startedAtMs) : zeroMs;
  }
}

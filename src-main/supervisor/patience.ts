import type { ProcessLoad } from './process-load.ts';

export interface PatienceLimits {
  /** Time in which the child did nothing at all. */
  readonly idleMs: number;
  /** Time in which it worked and yet did not say so; what it waited for a processor does not count. */
  readonly busyMs: number;
  /** Below this share of a processor it counts as idle: a child that only beats works a little, too. */
  readonly idleBelowShare: number;
}

/** Where the system tells nothing of processes, silence is all we know: then we wait several times as long. */
const UNSEEN_FACTOR = 4;
/** A look that comes later than this many periods: we slept or were starved ourselves, so the time is nobody's fault. */
const LATE_PERIODS = 1.5;

/**
 * How long a child may still keep us waiting. Silence alone says nothing on a busy machine, so time counts against a
 * child only while we ran on time ourselves; and it counts as idle only while the child used no processor and
 * waited for none.
 */
export class Patience {
  readonly #limits: PatienceLimits;
  readonly #everyMs: number;
  #atMs: number;
  #load: ProcessLoad | null;
  #idleMs = 0;
  #busyMs = 0;

  /** @param everyMs how often `look` is going to be called */
  constructor(limits: PatienceLimits, everyMs: number, nowMs: number, load: ProcessLoad | null) {
    this.#limits = limits;
    this.#everyMs = everyMs;
    this.#atMs = nowMs;
    this.#load = load;
  }

  /** The child showed that it lives. */
  renew(): void {
    this.#idleMs = this.#busyMs = 0;
  }

  /** @returns why patience is at its end, or null while it is not */
  look(nowMs: number, load: ProcessLoad | null): 'idle' | 'busy' | null {
    const passedMs = nowMs - this.#atMs;
    const before = this.#load;
    this.#atMs = nowMs;
    this.#load = load;
    if (passedMs > LATE_PERIODS * this.#everyMs) {
      // Whatever slept with us wakes up with us and needs a moment, too.
      this.#idleMs = 0;
      return null;
    }
    if (!before || !load) {
      this.#idleMs += passedMs / UNSEEN_FACTOR;
      return this.#verdict();
    }
    const workedMs = load.cpuMs - before.cpuMs;
    const waitedMs = Math.min(passedMs, Math.max(0, load.waitedMs - before.waitedMs));
    if (workedMs + waitedMs > this.#limits.idleBelowShare * passedMs) {
      this.#idleMs = 0;
      this.#busyMs += passedMs - waitedMs;
    } else this.#idleMs += passedMs;
    return this.#verdict();
  }

  #verdict(): 'idle' | 'busy' | null {
    if (this.#idleMs > this.#limits.idleMs) return 'idle';
    return this.#busyMs > this.#limits.busyMs ? 'busy' : null;
  }
}

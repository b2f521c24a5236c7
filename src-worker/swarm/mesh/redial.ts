import { REDIAL_FIRST_MS, REDIAL_LAST_MS } from '../limits.ts';

interface Target {
  failures: number;
  dueAtMs: number;
  dialling: boolean;
}

/**
 * Keeps trying whoever ought to be connected and is not, each with its own back-off. The wanted list is asked anew
 * at each turn, so nothing has to be kept in step with it.
 */
export class Redialler {
  readonly #wanted: () => readonly string[];
  readonly #dial: (target: string) => Promise<void>;
  readonly #onTurn: () => void;
  readonly #targets = new Map<string, Target>();
  #timer: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(init: {
    readonly wanted: () => readonly string[];
    readonly dial: (target: string) => Promise<void>;
    /** After each look: who is wanted, tried or waited for may have changed. */
    readonly onTurn: () => void;
  }) {
    this.#wanted = init.wanted;
    this.#dial = init.dial;
    this.#onTurn = init.onTurn;
  }

  /** @returns null for a name that nobody wants; `dueAtMs` on the monotonic clock, null while it is being dialled */
  stateOf(name: string): { readonly tries: number; readonly dueAtMs: number | null } | null {
    const target = this.#targets.get(name);
    return target ? { tries: target.failures, dueAtMs: target.dialling ? null : target.dueAtMs } : null;
  }

  /** Something changed: look again now. */
  nudge(): void {
    if (this.#stopped) return;
    const nowMs = performance.now();
    const wanted = new Set(this.#wanted());
    for (const name of this.#targets.keys()) if (!wanted.has(name)) this.#targets.delete(name);
    for (const name of wanted) {
      const target = this.#targets.get(name) ?? { failures: 0, dueAtMs: nowMs, dialling: false };
      this.#targets.set(name, target);
      if (!target.dialling && target.dueAtMs <= nowMs) void this.#try(name, target);
    }
    this.#schedule();
    this.#onTurn();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #try(name: string, target: Target): Promise<void> {
    target.dialling = true;
    await this.#dial(name).catch(() => {});
    target.dialling = false;
    // A success takes the name off the wanted list; if it does not, that peer sends us away, and haste helps nobody.
    const waitMs = Math.min(REDIAL_LAST_MS, REDIAL_FIRST_MS * 2 ** target.failures++);
    target.dueAtMs = performance.now() + waitMs * (0.75 + Math.random() / 2);
    this.nudge();
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const waiting = [...this.#targets.values()].filter((target) => !target.dialling);
    if (waiting.length === 0 || this.#stopped) return;
    const dueAtMs = Math.min(...waiting.map((target) => target.dueAtMs));
    this.#timer = setTimeout(() => this.nudge(), Math.max(1, dueAtMs - performance.now()));
    this.#timer.unref();
  }
}

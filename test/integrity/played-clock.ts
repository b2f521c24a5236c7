import { calm } from './calm.ts';

/** Timers this close to each other go off together: what happens between them would take that long anyway. */
const TOGETHER_MS = 2;

interface Timer {
  atMs: number;
  readonly everyMs: number | null;
  readonly fire: () => void;
}

/**
 * Time of this process that is played: timers and the monotonic clock stand still while anything moves, so that a busy
 * machine changes nothing of what peers measure of each other. Signals with a timeout of the platform keep real time.
 */
export class PlayedClock {
  readonly #timers = new Set<Timer>();
  readonly #real = { setTimeout, setInterval, clearTimeout, clearInterval };
  #nowMs = performance.now();

  constructor() {
    const begin = (fire: () => void, delayMs: number, everyMs: number | null) => {
      const timer: Timer = { atMs: this.#nowMs + Math.max(0, delayMs || 0), everyMs, fire };
      this.#timers.add(timer);
      return handleOf(timer, () => this.#timers.delete(timer));
    };
    const end = (handle: unknown): void => {
      const { ended } = (handle ?? {}) as Partial<ReturnType<typeof handleOf>>;
      if (ended) ended();
      else this.#real.clearTimeout(handle as NodeJS.Timeout);
    };
    Object.assign(globalThis, {
      setTimeout: (work: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]) =>
        begin(() => work(...given), delayMs, null),
      setInterval: (work: (...given: unknown[]) => void, delayMs = 1, ...given: unknown[]) =>
        begin(() => work(...given), delayMs, Math.max(1, delayMs)),
      clearTimeout: end,
      clearInterval: end,
    });
    Object.defineProperty(performance, 'now', { value: () => this.#nowMs, configurable: true });
  }

  /** Lets so much time pass, and everything come to rest that it sets off. */
  async pass(spanMs: number): Promise<void> {
    const endMs = this.#nowMs + spanMs;
    for (;;) {
      await calm();
      const first = Math.min(...[...this.#timers].map(({ atMs }) => atMs));
      if (first > endMs) break;
      this.#fire(Math.min(endMs, first + TOGETHER_MS));
    }
    this.#nowMs = endMs;
  }

  /** The promise's value, with time going on as long as it takes. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    work.then(over, over);
    await calm();
    for (; !isOver; await calm())
      this.#fire(Math.min(...[...this.#timers].map(({ atMs }) => atMs)) + TOGETHER_MS);
    return work;
  }

  /** Real time again. What still waits never goes off. */
  restore(): void {
    Object.assign(globalThis, this.#real);
    Reflect.deleteProperty(performance, 'now');
  }

  #fire(untilMs: number): void {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
    for (const timer of due) {
      if (!this.#timers.has(timer)) continue;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      if (timer.everyMs === null) this.#timers.delete(timer);
      else timer.atMs += timer.everyMs;
      timer.fire();
    }
  }
}

function handleOf(timer: Timer, ended: () => void) {
  const handle = {
    ended,
    unref: () => handle,
    ref: () => handle,
    hasRef: () => true,
    refresh: () => handle,
    close: ended,
    [Symbol.toPrimitive]: () => timer.atMs,
    [Symbol.dispose]: ended,
  };
  return handle;
}

import { AWAKE_LOOK_MS } from './limits.ts';

/**
 * A monotonic clock that stands still while this process does: the machine slept, the process was stopped, or nobody
 * let it run. A limit measured on it is time in which the other side could really have answered; on a plain timer
 * everything that was under way would fail in the first moment after a night.
 */
let asleepMs = 0;
let lookedAtMs = performance.now();

/** Milliseconds on that clock, from an origin of no meaning. A stretch below two looks counts as awake. */
export function awakeNow(): number {
  const nowMs = performance.now();
  const lateMs = nowMs - lookedAtMs - AWAKE_LOOK_MS;
  if (lateMs > AWAKE_LOOK_MS) asleepMs += lateMs;
  lookedAtMs = nowMs;
  return nowMs - asleepMs;
}

setInterval(awakeNow, AWAKE_LOOK_MS).unref();

/** What a timer takes: a longer one would fire at once, and again and again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Aborts once the limit has passed on the awake clock. Keeps no process alive. */
export function awakeLimit(limitMs: number): AbortSignal {
  const controller = new AbortController();
  const dueAtMs = awakeNow() + limitMs;
  const wait = (leftMs: number) => {
    setTimeout(
      () => {
        const stillMs = dueAtMs - awakeNow();
        if (stillMs > 0) wait(stillMs);
        else controller.abort(new DOMException(`no answer within ${limitMs} ms`, 'TimeoutError'));
      },
      Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS),
    ).unref();
  };
  wait(limitMs);
  return controller.signal;
}

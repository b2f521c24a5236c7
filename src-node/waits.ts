import { AppError } from '../src-shared/errors/app-error.ts';
import { awakeLimit } from './awake-clock.ts';

/** Every way in which we wait, on the monotonic clock: with a signal, or a named limit, or both. */

/** Aborts with the signal, or when the limit has passed while this process was awake. */
export const withLimit = (signal: AbortSignal, limitMs: number): AbortSignal =>
  AbortSignal.any([signal, awakeLimit(limitMs)]);

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * The promise's value, or null as soon as the signal aborts. Nothing of it stays on a signal that lives longer, as a race
 * against `aborted` would.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(null);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Work under a signal that aborts with the first of two, of which nothing stays on either once the work is over: one of
 * them may live for weeks.
 */
export async function underEither<T>(
  signals: readonly [AbortSignal, AbortSignal],
  work: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const end = () => either.abort(signals.find(({ aborted }) => aborted)?.reason);
  for (const signal of signals) signal.addEventListener('abort', end, { once: true });
  if (signals.some(({ aborted }) => aborted)) end();
  try {
    return await work(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', end);
  }
}

/** Resolves after the pause, or at once when the signal aborts. */
export function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, pauseMs);
    signal.addEventListener('abort', done, { once: true });
  });
}

/**
 * The promise's value, unless the signal aborts first. The work behind it goes on: it has the signal itself.
 * @throws {AppError} CANCELLED
 */
export function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new AppError('CANCELLED', {}, signal.reason));
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * The promise's value, unless the signal aborts or the limit passes first. The work itself is not stopped: it is of
 * the kind that nobody can take back.
 * @param what the thing waited for, for the error
 * @throws {AppError} CANCELLED or TIMEOUT
 */
export async function within<T>(
  work: Promise<T>,
  what: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new AppError('TIMEOUT', { what, limitMs })), limitMs);
  try {
    return await orAbort(Promise.race([work, late.promise]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the work ended well before the limit passed; what it throws is thrown. */
export async function endsWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Something that lives long may fail at any moment, and whoever waits for an answer of it then hears. A race against a
 * promise of the failure would do, but that one would keep each race ever run.
 */
export class Failing {
  readonly #waiting = new Set<(reason: unknown) => void>();
  #failure: { readonly reason: unknown } | null = null;

  /** Every wait ends with this reason, now and later; the first one stays. */
  fail(reason: unknown): void {
    if (this.#failure) return;
    this.#failure = { reason };
    for (const reject of this.#waiting) reject(reason);
  }

  /**
   * The promise's value, unless it fails or the limit passes first. The work itself is not stopped.
   * @param what the thing waited for, for the error
   * @throws the reason; {AppError} TIMEOUT
   */
  within<T>(work: Promise<T>, what: string, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
      };
      const fail = (reason: unknown) => {
        end();
        reject(reason);
      };
      const timer = setTimeout(() => fail(new AppError('TIMEOUT', { what, limitMs })), limitMs);
      this.#waiting.add(fail);
      work.then(resolve, reject).finally(end);
      if (this.#failure) fail(this.#failure.reason);
    });
  }

  /**
   * Resolves after the pause, unless it fails first.
   * @throws the reason
   */
  pause(pauseMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure.reason);
      const fail = (reason: unknown) => {
        clearTimeout(timer);
        reject(reason);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(fail);
        resolve();
      }, pauseMs);
      this.#waiting.add(fail);
    });
  }

  /**
   * The promise's value, unless it fails first. The work itself is not stopped.
   * @throws the reason
   */
  orFail<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject));
      if (this.#failure) reject(this.#failure.reason);
    });
  }
}

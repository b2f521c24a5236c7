import { AppError } from '../src-shared/errors/app-error.ts';

/** Aborts with the signal, or when the limit has passed. */
export const withLimit = (signal: AbortSignal, limitMs: number): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * The promise's value, unless the signal aborts first. The work behind it goes on: it has the signal itself.
 * @throws {AppError} CANCELLED
 */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(new AppError('CANCELLED', {}, signal.reason));
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new AppError('CANCELLED', {}, signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

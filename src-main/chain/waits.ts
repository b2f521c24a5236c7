import { AppError } from '../../src-shared/errors/app-error.ts';

/**
 * The promise's value, unless the signal aborts or the limit passes first. The work itself is not stopped: node
 * clients offer no way to take a request back.
 * @throws {AppError} CANCELLED or TIMEOUT
 */
export function within<T>(work: Promise<T>, what: string, limitMs: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      work.catch(() => undefined);
      return reject(new AppError('CANCELLED'));
    }
    const timer = setTimeout(() => settle(() => reject(new AppError('TIMEOUT', { what, limitMs }))), limitMs);
    const onAbort = () => settle(() => reject(new AppError('CANCELLED')));
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
  });
}

/** Resolves after the pause, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

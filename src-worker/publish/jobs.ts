import { underEither } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { JOBS_MAX } from './limits.ts';

/** What is under way, by the name that the host gave it, so that it can be ended by name too. */
export class Jobs {
  readonly #running = new Map<string, AbortController>();

  /**
   * Runs the work under a signal that aborts with the caller's or when the job is ended by name.
   * @throws {AppError} NOT_NOW for a name that runs already, CANCELLED, and what the work throws
   */
  async run<T>(job: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running.has(job)) throw new AppError('NOT_NOW', { what: job, state: 'running' });
    if (this.#running.size >= JOBS_MAX) throw new AppError('NOT_NOW', { what: job, state: 'full' });
    const ended = new AbortController();
    this.#running.set(job, ended);
    try {
      return await underEither([signal, ended.signal], work);
    } catch (thrown) {
      if (signal.aborted || ended.signal.aborted) throw new AppError('CANCELLED', {}, thrown);
      throw thrown;
    } finally {
      this.#running.delete(job);
    }
  }

  abort(job: string): void {
    this.#running.get(job)?.abort();
  }
}

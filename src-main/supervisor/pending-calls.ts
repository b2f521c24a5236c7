import type { HostMessage } from '../../src-shared/contract/child.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { PENDING_CALLS } from './limits.ts';

/** The calls to one child that have no answer yet. */
export interface PendingCalls {
  call(name: string, params: unknown, signal: AbortSignal): Promise<unknown>;
  nameOf(id: number): string | undefined;
  resolve(id: number, value: unknown): void;
  reject(id: number, error: AppError): void;
  /** The child is gone: every waiting call and every later one fails with this. */
  rejectAll(error: AppError): void;
}

interface Pending {
  readonly name: string;
  settle(): void;
  resolve(value: unknown): void;
  reject(error: AppError): void;
}

export function pendingCalls(child: string, send: (message: HostMessage) => void): PendingCalls {
  const waiting = new Map<number, Pending>();
  let lastId = 0;
  let gone: AppError | undefined;

  function take(id: number): Pending | undefined {
    const call = waiting.get(id);
    call?.settle();
    waiting.delete(id);
    return call;
  }

  function call(name: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    if (gone) return Promise.reject(gone);
    if (signal.aborted) return Promise.reject(cancelled(signal));
    if (waiting.size >= PENDING_CALLS) {
      return Promise.reject(new AppError('NOT_NOW', { what: name, state: `${child} overloaded` }));
    }
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        send({ kind: 'cancel', id });
        take(id)?.reject(cancelled(signal));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.set(id, { name, settle: () => signal.removeEventListener('abort', onAbort), resolve, reject });
      try {
        send({ kind: 'call', id, name, params });
      } catch (error) {
        // Parameters that cannot be cloned: the caller's defect, not the child's.
        take(id)?.reject(new AppError('INTERNAL', {}, error));
      }
    });
  }

  return {
    call,
    nameOf: (id) => waiting.get(id)?.name,
    resolve: (id, value) => take(id)?.resolve(value),
    reject: (id, error) => take(id)?.reject(error),
    rejectAll(error) {
      gone = error;
      for (const id of [...waiting.keys()]) take(id)?.reject(error);
    },
  };
}

/** Whoever aborts may say why with an AppError; anything else is a plain cancellation. */
const cancelled = (signal: AbortSignal): AppError =>
  signal.reason instanceof AppError ? signal.reason : new AppError('CANCELLED', {}, signal.reason);

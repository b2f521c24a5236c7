import type {
  CallHandlers,
  ChildClient,
  ChildContract,
  EventName,
  EventOf,
  ReadyOf,
} from '../../src-shared/contract/child.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/** A child without a process: calls go to handlers in this process, after a turn of the event loop like real ones. */
export interface FakeChild<C extends ChildContract> extends ChildClient<C> {
  emit<N extends EventName<C>>(name: N, payload: EventOf<C, N>): void;
  /** Calls that have been made, in order, by name. */
  readonly calls: readonly string[];
  /** The next call of that name fails once with this error. */
  failNext(name: string, error: AppError): void;
}

export function fakeChild<C extends ChildContract>(
  ready: ReadyOf<C>,
  handlers: CallHandlers<C>,
): FakeChild<C> {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const calls: string[] = [];
  const failures = new Map<string, AppError>();
  return {
    ready,
    calls,
    async call(name, params, signal) {
      calls.push(name);
      await Promise.resolve();
      if (signal.aborted) throw new AppError('CANCELLED');
      const failure = failures.get(name);
      failures.delete(name);
      if (failure) throw failure;
      return handlers[name](params, signal);
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    emit(name, payload) {
      for (const listener of [...(listeners.get(name) ?? [])]) (listener as (p: unknown) => void)(payload);
    },
    failNext: (name, error) => failures.set(name, error),
  };
}

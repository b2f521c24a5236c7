import * as v from 'valibot';
import type {
  CallHandlers,
  ChildClient,
  ChildContract,
  EventName,
  EventOf,
  ReadyOf,
} from '../../src-shared/contract/child.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';

/**
 * A child without a process: calls go to handlers in this process, after a turn of the event loop like real ones.
 * Doors are as real ones: what goes in and out is checked by the contract and copied, an aborted call is given up at
 * once, and whatever is thrown arrives as a coded error.
 */
export interface FakeChild<C extends ChildContract> extends ChildClient<C> {
  emit<N extends EventName<C>>(name: N, payload: EventOf<C, N>): void;
  /** Calls that have been made, in order, by name. */
  readonly calls: readonly string[];
  /** The next call of that name fails once with this error. */
  failNext(name: string, error: AppError): void;
  /** The next call of that name is answered with this. */
  answerNext(name: string, answer: unknown): void;
  /** From now on it answers and tells nothing: the process is gone. */
  stop(): Promise<void>;
}

export function fakeChild<C extends ChildContract>(
  contract: C,
  ready: ReadyOf<C>,
  handlers: CallHandlers<C>,
): FakeChild<C> {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const calls: string[] = [];
  const failures = new Map<string, AppError>();
  const answers = new Map<string, unknown>();
  let isGone = false;

  async function answer(name: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    await Promise.resolve();
    const failure = failures.get(name);
    failures.delete(name);
    if (failure) throw failure;
    const call = Object.hasOwn(contract.calls, name) ? contract.calls[name] : undefined;
    if (!call) throw new AppError('RPC_MALFORMED', { method: name });
    const parsed = v.safeParse(call.params, structuredClone(params));
    if (!parsed.success)
      throw new AppError('RPC_MALFORMED', { method: `${name}: ${v.getDotPath(parsed.issues[0])}` });
    const given = answers.get(name);
    answers.delete(name);
    const value = given ?? (await handlers[name]?.(parsed.output as never, signal));
    return v.parse(call.result, structuredClone(value));
  }

  return {
    ready,
    calls,
    async call(name, params, signal) {
      calls.push(name);
      if (isGone) throw new AppError('CHILD_EXITED', { child: 'fake', reason: 'stopped' });
      try {
        return (await unlessAborted(answer(name, params, signal), signal)) as never;
      } catch (thrown) {
        const { code, params: told } = toCodedError(thrown);
        throw new AppError(code, told, thrown);
      }
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    emit(name, payload) {
      if (isGone) return;
      const told = v.parse(contract.events[name]!, structuredClone(payload));
      for (const listener of [...(listeners.get(name) ?? [])]) (listener as (p: unknown) => void)(told);
    },
    failNext: (name, error) => failures.set(name, error),
    answerNext: (name, answer) => answers.set(name, answer),
    async stop() {
      isGone = true;
    },
  };
}

/** Whoever aborts may say why with an AppError; anything else is a plain cancellation. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const given = Promise.withResolvers<never>();
  const giveUp = () =>
    given.reject(signal.reason instanceof AppError ? signal.reason : new AppError('CANCELLED'));
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([given.promise, work]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    work.catch(() => {});
  }
}

import { pause, within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { READ_LIMIT_MS, RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS, START_LIMIT_MS } from './limits.ts';
import { NodeError } from './node-socket.ts';
import { openSession, type Session } from './session.ts';

/** Keeps one session open over a list of endpoints, in turn, with back-off, until it is stopped. */
export interface Link {
  readonly session: Session | null;
  readonly endpoint: string;
  readonly genesisHash: Hex;
  /** Called with each new session before anybody else may use it, and with null when it is lost. */
  onSession(listener: (session: Session | null) => void): () => void;
  /**
   * Runs a read on the open session, waiting for one where there is none, and once more on the next session where
   * the socket was lost meanwhile. Only for what may safely run twice.
   * @throws {AppError} CHAIN_UNREACHABLE after READ_LIMIT_MS without an answer.
   */
  read<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The open session, or the next one. */
  next(signal: AbortSignal): Promise<Session>;
  stop(): Promise<void>;
}

/** @throws {AppError} CHAIN_UNREACHABLE when no endpoint came up within START_LIMIT_MS, CANCELLED on abort. */
export async function openLink(endpoints: readonly string[], signal: AbortSignal): Promise<Link> {
  const stopped = new AbortController();
  const stop = AbortSignal.any([signal, stopped.signal]);
  const listeners = new Set<(session: Session | null) => void>();
  const firstEndpoint = endpoints[0] ?? '';
  let turn = 0;
  let session: Session | null = null;
  let genesisHash: Hex | null = null;
  let arrived = Promise.withResolvers<Session>();

  const become = (next: Session | null) => {
    session = next;
    for (const listener of listeners) listener(next);
    if (next) arrived.resolve(next);
    else arrived = Promise.withResolvers<Session>();
  };

  async function tryNext(): Promise<Session | null> {
    const endpoint = endpoints[turn++ % endpoints.length] ?? firstEndpoint;
    const found = await openSession(endpoint, stop).catch(() => null);
    // Another genesis is another chain, whatever its address: never take it for ours.
    if (found && genesisHash !== null && found.genesisHash !== genesisHash) {
      found.close();
      return null;
    }
    return found;
  }

  async function keepOpen(): Promise<void> {
    let pauseMs = RECONNECT_FIRST_MS;
    while (!stop.aborted) {
      const found = await tryNext();
      if (!found) {
        await pause(pauseMs, stop);
        pauseMs = Math.min(pauseMs * 2, RECONNECT_LONGEST_MS);
        continue;
      }
      genesisHash ??= found.genesisHash;
      const openedAtMs = Date.now();
      become(found);
      await Promise.race([found.socket.closed, aborted(stop)]);
      found.close();
      become(null);
      // A node that accepts and drops at once is as dead as one that refuses: only a session that lasted resets the pause.
      if (Date.now() - openedAtMs > RECONNECT_LONGEST_MS) pauseMs = RECONNECT_FIRST_MS;
      await pause(pauseMs, stop);
      pauseMs = Math.min(pauseMs * 2, RECONNECT_LONGEST_MS);
    }
  }

  const running = keepOpen();
  const next = (wait: AbortSignal, limitMs: number): Promise<Session> =>
    session
      ? Promise.resolve(session)
      : within(arrived.promise, 'chain', limitMs, AbortSignal.any([wait, stop])).catch((error: unknown) => {
          if (error instanceof AppError && error.code === 'TIMEOUT')
            throw new AppError('CHAIN_UNREACHABLE', { endpoint: firstEndpoint });
          throw error;
        });
  const halt = async () => {
    stopped.abort();
    await running;
  };

  try {
    await next(signal, START_LIMIT_MS);
  } catch (error) {
    await halt();
    throw error;
  }

  return {
    get session() {
      return session;
    },
    get endpoint() {
      return session?.endpoint ?? endpoints[turn % endpoints.length] ?? firstEndpoint;
    },
    genesisHash: genesisHash ?? ('' as Hex),
    onSession(listener) {
      listeners.add(listener);
      if (session) listener(session);
      return () => listeners.delete(listener);
    },
    async read(work, wait) {
      const deadline = Date.now() + READ_LIMIT_MS;
      for (;;) {
        const current = await next(wait, Math.max(1, deadline - Date.now()));
        try {
          return await work(current);
        } catch (error) {
          if (error instanceof NodeError)
            throw new AppError('CHAIN_REFUSED', { module: 'node', error: error.message }, error);
          const lost = error instanceof AppError && error.code === 'CHAIN_UNREACHABLE';
          if (!lost || Date.now() >= deadline) throw error;
          // The socket's end is announced in the same turn; without this the loop would meet the dead session again.
          await Promise.race([current.socket.closed, aborted(wait)]);
          await pause(0, wait);
        }
      }
    },
    next: (wait) => next(wait, READ_LIMIT_MS),
    stop: halt,
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

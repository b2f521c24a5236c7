import { pause, underEither, untilAborted, within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { type Endpoints, endpointsOf } from './endpoints.ts';
import {
  BUSY_WAIT_MS,
  READ_LIMIT_MS,
  RECONNECT_FIRST_MS,
  RECONNECT_LONGEST_MS,
  RETURN_AFTER_MS,
  START_LIMIT_MS,
} from './limits.ts';
import { MAY_ANSWER_LATER } from './may-answer-later.ts';
import { NodeError } from './rpc-frame.ts';
import { openSession, type Session } from './session.ts';

/** Keeps one session open over a list of endpoints, each with its back-off, until it is stopped. */
export interface Link {
  readonly session: Session | null;
  readonly endpoint: string;
  readonly genesisHash: Hex;
  readonly endpoints: Endpoints;
  /** No session is open and every read fails with this, until it is null again. */
  hold(fault: AppError | null): void;
  /** Called with each new session before anybody else may use it, and with null when it is lost. */
  onSession(listener: (session: Session | null) => void): () => void;
  /**
   * Runs a read on the open session, waiting for one where there is none, and once more on the next session where
   * the socket was lost meanwhile. Only for what may safely run twice.
   * @throws {AppError} CHAIN_UNREACHABLE after READ_LIMIT_MS without an answer, or what the endpoints failed with;
   * CHAIN_ENDPOINTS_DISAGREE at once while it is held.
   */
  read<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** The open session, or the next one. */
  next(signal: AbortSignal): Promise<Session>;
  stop(): Promise<void>;
}

/**
 * @param pinned the genesis of the network where it is known beforehand; else the first endpoint that answers tells it
 * @throws {AppError} CHAIN_UNREACHABLE when no endpoint came up within START_LIMIT_MS, CHAIN_ENDPOINT_BUSY or
 * CHAIN_ENDPOINT_OTHER where that is why, CANCELLED on abort.
 */
export async function openLink(
  urls: readonly string[],
  signal: AbortSignal,
  pinned: Hex | null = null,
): Promise<Link> {
  const stopped = new AbortController();
  const stop = AbortSignal.any([signal, stopped.signal]);
  const listeners = new Set<(session: Session | null) => void>();
  const endpoints = endpointsOf(urls, pinned);
  const firstEndpoint = urls[0] ?? '';
  let session: Session | null = null;
  let lastEndpoint = firstEndpoint;
  let genesisHash = pinned;
  let arrived = awaited<Session>();
  let held: AppError | null = null;
  let freed = Promise.withResolvers<void>();

  const become = (next: Session | null) => {
    session = next;
    if (next) lastEndpoint = next.endpoint;
    for (const listener of listeners) listener(next);
    if (next) arrived.resolve(next);
    else arrived = awaited<Session>();
  };

  /** @returns null where the endpoint is none of this network, or not there; it is noted why. */
  async function open(endpoint: string): Promise<Session | null> {
    try {
      const found = await openSession(endpoint, stop);
      genesisHash ??= found.genesisHash;
      if (found.genesisHash === genesisHash) {
        endpoints.well(endpoint, found.latencyMs);
        return found;
      }
      found.close();
      // Another genesis is another chain, whatever its address: never take it for ours.
      endpoints.leaveAside(endpoint, found.genesisHash, genesisHash);
    } catch (thrown) {
      endpoints.failed(endpoint, thrown, 0);
    }
    return null;
  }

  async function keepOpen(): Promise<void> {
    while (!stop.aborted) {
      if (held) await untilAborted(freed.promise, stop);
      const endpoint = await endpoints.next(stop);
      if (endpoint === null) return arrived.reject(whyNot(endpoints, firstEndpoint));
      for (let found = await open(endpoint); found; ) found = await keep(found);
    }
  }

  /** Keeps a session until it ends. @returns the session of an earlier endpoint that is back, with which to go on */
  async function keep(kept: Session): Promise<Session | null> {
    const sinceMs = performance.now();
    if (held) kept.close(held);
    else become(kept);
    const over = untilAborted(kept.socket.closed, stop).then(() => undefined);
    const home = await returned(kept, over, endpoints, open);
    if (home) {
      // Its listeners hear of the new session before the old one ends: nothing is missed and nobody is without a chain.
      setImmediate(() => kept.close());
      return home;
    }
    kept.close();
    become(null);
    const lastedMs = performance.now() - sinceMs;
    // After an upgrade the same endpoint is the best; one that tells of an upgrade every few seconds is not.
    if (kept.isOutdated && lastedMs > RECONNECT_LONGEST_MS) return null;
    const { endpoint } = kept;
    endpoints.failed(
      endpoint,
      kept.socket.fault ?? new AppError('CHAIN_UNREACHABLE', { endpoint }),
      lastedMs,
    );
    return null;
  }

  const running = keepOpen();
  const next = async (wait: AbortSignal, limitMs: number): Promise<Session> => {
    if (held) throw held;
    if (session) return session;
    try {
      return await underEither([wait, stop], (either) => within(arrived.promise, 'chain', limitMs, either));
    } catch (error) {
      if (error instanceof AppError && error.code === 'TIMEOUT') throw whyNot(endpoints, firstEndpoint);
      throw error;
    }
  };
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
      return session?.endpoint ?? lastEndpoint;
    },
    genesisHash: genesisHash ?? ('' as Hex),
    endpoints,
    hold(fault) {
      held = fault;
      if (!fault) return freed.resolve();
      freed = Promise.withResolvers<void>();
      // Who waits for a session hears why there is none.
      arrived.reject(fault);
      arrived = awaited<Session>();
      session?.close(fault);
    },
    onSession(listener) {
      listeners.add(listener);
      if (session) listener(session);
      return () => listeners.delete(listener);
    },
    async read(work, wait) {
      const deadlineMs = performance.now() + READ_LIMIT_MS;
      for (;;) {
        const current = await next(wait, Math.max(1, deadlineMs - performance.now()));
        try {
          return await work(current);
        } catch (thrown) {
          const error = asLoss(current, thrown);
          // Whatever a socket was closed with: on the next one the read may do.
          const isLost = MAY_ANSWER_LATER.has(error.code) || !current.socket.isOpen;
          if (!isLost || wait.aborted || performance.now() >= deadlineMs) throw error;
          // The link hears of the socket's end in the same turn; one that is open has too much to do and gets a pause.
          await Promise.race([current.socket.closed, pause(RECONNECT_FIRST_MS, wait)]);
          await pause(0, wait);
        }
      }
    },
    next: (wait) => next(wait, READ_LIMIT_MS),
    stop: halt,
  };
}

/** To be settled later. It may fail while nobody waits for it: who comes then hears of it. */
function awaited<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>();
  made.promise.catch(() => undefined);
  return made;
}

/** Watches an open session on a later endpoint for an earlier one to be back. @returns null when the session is over */
async function returned(
  kept: Session,
  over: Promise<void>,
  endpoints: Endpoints,
  open: (endpoint: string) => Promise<Session | null>,
): Promise<Session | null> {
  let isOver = false;
  const end = new AbortController();
  void over.then(() => {
    isOver = true;
    end.abort();
  });
  for (;;) {
    await pause(RETURN_AFTER_MS, end.signal);
    if (isOver) return null;
    const better = endpoints.better(kept.endpoint);
    if (better === null) continue;
    const opening = open(better);
    const found = await Promise.race([opening, over.then(() => null)]);
    if (found && !isOver) return found;
    // One that comes when the session it was to follow is over comes too late.
    if (isOver) void opening.then((late) => late?.close());
  }
}

/** "Too many requests" as nodes and the proxies before them say it: EIP-1474's limit exceeded, HTTP's number, a proxy's own. */
const TOO_MANY: ReadonlySet<number> = new Set([-32_005, 429, -32_029]);

/** A read's failure as a code; a node that has had too much of us is left for as long as public ones count. */
function asLoss(session: Session, thrown: unknown): AppError {
  if (thrown instanceof NodeError) {
    if (!TOO_MANY.has(thrown.code))
      return new AppError('CHAIN_REFUSED', { module: 'node', error: thrown.message }, thrown);
    const { endpoint } = session;
    const limit = `${thrown.code} ${thrown.message.slice(0, 80)}`;
    const busy = new AppError('CHAIN_ENDPOINT_BUSY', { endpoint, limit, seconds: BUSY_WAIT_MS / 1_000 });
    session.close(busy);
    return busy;
  }
  if (thrown instanceof AppError) return thrown;
  throw thrown;
}

/** Nothing came up: the endpoints' own reason where there is a better one than that they do not answer. */
function whyNot({ fault }: Endpoints, endpoint: string): AppError {
  const isTelling = fault?.code === 'CHAIN_ENDPOINT_BUSY' || fault?.code === 'CHAIN_ENDPOINT_OTHER';
  return isTelling ? new AppError(fault.code, fault.params) : new AppError('CHAIN_UNREACHABLE', { endpoint });
}

import { type RawData, WebSocket } from 'ws';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { batches } from './batches.ts';
import { closeFault, dial } from './dial.ts';
import { inbox, type Listener } from './inbox.ts';
import { REQUEST_LIMIT_MS, REQUESTS_AT_ONCE_MAX } from './limits.ts';
import { parseFrame } from './rpc-frame.ts';

/**
 * JSON-RPC 2.0 over one WebSocket to one node, for the life of that socket. Own code, because the client library's
 * provider lets a malformed frame throw out of its message event (which would end the host), keeps an unlimited
 * backlog, and keeps only the last of several early notifications.
 */
export interface NodeSocket {
  readonly endpoint: string;
  readonly isOpen: boolean;
  readonly closed: Promise<void>;
  /** Why it was left, or what its closing said; null while it is open, and where it just went away. */
  readonly fault: AppError | null;
  /** Messages that answered nothing that was open here: late ones, doubled ones, unknown ids. They are dropped. */
  readonly dropped: number;
  /**
   * @throws {NodeError} as the node answered
   * @throws {AppError} CHAIN_UNREACHABLE, CHAIN_ANSWER_MALFORMED, TIMEOUT after REQUEST_LIMIT_MS, CANCELLED
   */
  request<T>(method: string, params: readonly unknown[], signal: AbortSignal): Promise<T>;
  /** @returns a function that forgets the subscription here and tells the node. */
  subscribe(topic: Subscription, params: readonly unknown[], listener: Listener): Promise<() => void>;
  /** From now on the requests of one turn travel together. */
  allowBatches(): void;
  /** @param fault why the node is left; none where it did nothing wrong */
  close(fault?: AppError): void;
}

export interface Subscription {
  readonly method: string;
  readonly unsubscribe: string;
}

export const NEW_HEADS: Subscription = {
  method: 'chain_subscribeNewHead',
  unsubscribe: 'chain_unsubscribeNewHead',
};
export const FINALIZED_HEADS: Subscription = {
  method: 'chain_subscribeFinalizedHeads',
  unsubscribe: 'chain_unsubscribeFinalizedHeads',
};
export const RUNTIME_VERSIONS: Subscription = {
  method: 'state_subscribeRuntimeVersion',
  unsubscribe: 'state_unsubscribeRuntimeVersion',
};
export const EXTRINSIC_UPDATES: Subscription = {
  method: 'author_submitAndWatchExtrinsic',
  unsubscribe: 'author_unwatchExtrinsic',
};

const NEVER = new AbortController().signal;
/** A peer that never answers the closing handshake must not hold the process. */
const CLOSING_MS = 1_000;

/** @throws {AppError} CHAIN_UNREACHABLE, CHAIN_ENDPOINT_BUSY, or CANCELLED on abort. */
export const openNodeSocket = async (endpoint: string, signal: AbortSignal): Promise<NodeSocket> =>
  socketOver(await dial(endpoint, signal), endpoint);

function socketOver(ws: WebSocket, endpoint: string): NodeSocket {
  const closed = Promise.withResolvers<void>();
  let fault: AppError | null = null;

  const lost = () => fault ?? new AppError('CHAIN_UNREACHABLE', { endpoint });
  const leave = (why: AppError) => {
    fault ??= why;
    ws.terminate();
    end();
  };
  const received = inbox({
    frameRefused: () => out.refused(),
    tooOdd: (count) => leave(malformed(`${count} answers that nobody asked for`)),
  });
  const out = batches(received.textOf, (frame) => ws.send(frame));
  const end = () => {
    closed.resolve();
    received.end(lost());
  };

  ws.on('error', (error) => {
    const isTooLong = (error as NodeJS.ErrnoException).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    leave(isTooLong ? malformed('an answer that is too long') : lost());
  });
  ws.on('close', (code, reason) => {
    fault ??= closeFault(endpoint, code, reason);
    end();
  });
  ws.on('message', (raw) => {
    if (ws.readyState !== WebSocket.OPEN) return;
    const frame = parseFrame(raw);
    if (!frame) return leave(malformed('a frame that is no JSON-RPC'));
    for (const message of frame) received.take(message, bytesOf(raw));
  });

  async function ask(
    method: string,
    params: readonly unknown[],
    signal: AbortSignal,
    send: (id: number) => void,
  ): Promise<unknown> {
    if (ws.readyState !== WebSocket.OPEN || received.waiting >= REQUESTS_AT_ONCE_MAX) throw lost();
    const { id, answer, forget } = received.expect((id) =>
      JSON.stringify({ id, jsonrpc: '2.0', method, params }),
    );
    send(id);
    try {
      return await within(answer, method, REQUEST_LIMIT_MS, signal);
    } finally {
      // Also where nobody answered: what comes after this is dropped.
      forget();
    }
  }

  return {
    endpoint,
    get isOpen() {
      return ws.readyState === WebSocket.OPEN;
    },
    closed: closed.promise,
    get fault() {
      return fault;
    },
    get dropped() {
      return received.dropped;
    },
    request: <T>(method: string, params: readonly unknown[], signal: AbortSignal) =>
      ask(method, params, signal, out.add) as Promise<T>,
    async subscribe(topic, params, listener) {
      const id = await received.subscribing(listener, () => ask(topic.method, params, NEVER, out.alone));
      return () => {
        if (received.unlisten(id)) ask(topic.unsubscribe, [id], NEVER, out.alone).catch(() => undefined);
      };
    },
    allowBatches: out.begin,
    close(why) {
      fault ??= why ?? null;
      ws.close();
      setTimeout(() => ws.terminate(), CLOSING_MS).unref();
      end();
    },
  };
}

const malformed = (what: string) => new AppError('CHAIN_ANSWER_MALFORMED', { what });

function bytesOf(raw: RawData): number {
  if (Array.isArray(raw)) return raw.reduce((sum, part) => sum + part.length, 0);
  return raw.byteLength;
}

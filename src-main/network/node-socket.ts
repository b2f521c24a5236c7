import { type RawData, WebSocket } from 'ws';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import {
  ANSWER_BYTES_MAX,
  CONNECT_LIMIT_MS,
  EARLY_NOTIFICATIONS_MAX,
  REQUEST_LIMIT_MS,
  REQUESTS_AT_ONCE_MAX,
} from './limits.ts';

/**
 * JSON-RPC 2.0 over one WebSocket to one node, for the life of that socket. Own code, because the client library's
 * provider lets a malformed frame throw out of its message event (which would end the host), keeps an unlimited
 * backlog, and keeps only the last of several early notifications.
 */
export interface NodeSocket {
  readonly endpoint: string;
  readonly isOpen: boolean;
  readonly closed: Promise<void>;
  /** @throws {NodeError} as the node answered, {AppError} CHAIN_UNREACHABLE, TIMEOUT or CANCELLED. */
  request<T>(method: string, params: readonly unknown[], signal: AbortSignal): Promise<T>;
  /** @returns a function that forgets the subscription here and tells the node. */
  subscribe(topic: Subscription, params: readonly unknown[], listener: Listener): Promise<() => void>;
  close(): void;
}

type Listener = (result: unknown) => void;

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

/** The node understood the request and said no. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  readonly code: number;
  readonly detail: string | null;

  constructor(code: number, message: string, detail: string | null) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const NEVER = new AbortController().signal;

/** @throws {AppError} CHAIN_UNREACHABLE, or CANCELLED on abort. */
export async function openNodeSocket(endpoint: string, signal: AbortSignal): Promise<NodeSocket> {
  let ws: WebSocket;
  try {
    ws = new WebSocket(endpoint, { maxPayload: ANSWER_BYTES_MAX, perMessageDeflate: false });
  } catch (error) {
    throw new AppError('CHAIN_UNREACHABLE', { endpoint }, error);
  }
  const opened = new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.once('error', reject);
    ws.once('close', () => reject(new Error('closed before it opened')));
  });
  const socket = socketOver(ws, endpoint);
  try {
    await within(opened, endpoint, CONNECT_LIMIT_MS, signal);
    return socket;
  } catch (error) {
    ws.terminate();
    if (error instanceof AppError && error.code === 'CANCELLED') throw error;
    throw new AppError('CHAIN_UNREACHABLE', { endpoint }, error);
  }
}

function socketOver(ws: WebSocket, endpoint: string): NodeSocket {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, Listener>();
  // A node may notify before it has answered the subscribe request with the id.
  const early = new Map<string, unknown[]>();
  const closed = Promise.withResolvers<void>();
  let lastId = 0;

  const lost = () => new AppError('CHAIN_UNREACHABLE', { endpoint });
  const end = () => {
    closed.resolve();
    for (const request of waiting.values()) request.reject(lost());
    waiting.clear();
    listeners.clear();
    early.clear();
  };
  const notify = (id: string, result: unknown) => {
    const listener = listeners.get(id);
    if (listener) return listener(result);
    const kept = early.get(id) ?? [];
    kept.push(result);
    early.set(id, kept);
    if (early.size + kept.length > EARLY_NOTIFICATIONS_MAX) early.clear();
  };

  ws.on('error', () => ws.terminate());
  ws.on('close', end);
  ws.on('message', (raw) => {
    const message = parseMessage(raw);
    if (!message) return ws.terminate();
    if (message.kind === 'notification') return notify(message.subscription, message.result);
    const request = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === 'answer') request?.resolve(message.result);
    else request?.reject(message.error);
  });

  const send = (method: string, params: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ws.readyState !== WebSocket.OPEN || waiting.size >= REQUESTS_AT_ONCE_MAX) return reject(lost());
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      ws.send(JSON.stringify({ id, jsonrpc: '2.0', method, params }));
    });
  const request = <T>(method: string, params: readonly unknown[], signal: AbortSignal): Promise<T> =>
    within(send(method, params) as Promise<T>, method, REQUEST_LIMIT_MS, signal);

  return {
    endpoint,
    get isOpen() {
      return ws.readyState === WebSocket.OPEN;
    },
    closed: closed.promise,
    request,
    async subscribe(topic, params, listener) {
      // Registered in the same turn as the answer, so that no notification slips between them.
      const id = await request(topic.method, params, NEVER).then((answer) => {
        const key = String(answer);
        listeners.set(key, listener);
        for (const result of early.get(key) ?? []) listener(result);
        early.delete(key);
        return answer;
      });
      return () => {
        if (listeners.delete(String(id))) send(topic.unsubscribe, [id]).catch(() => undefined);
      };
    },
    close() {
      ws.close();
      // A peer that never answers the closing handshake must not hold the process.
      setTimeout(() => ws.terminate(), 1_000).unref();
      end();
    },
  };
}

type Message =
  | { readonly kind: 'answer'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'refusal'; readonly id: number; readonly error: NodeError }
  | { readonly kind: 'notification'; readonly subscription: string; readonly result: unknown };

function parseMessage(raw: RawData): Message | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw.toString());
  } catch {
    return null;
  }
  if (!isRecord(parsed)) return null;
  const { id, params, error, result } = parsed;
  if (
    isRecord(params) &&
    (typeof params.subscription === 'string' || typeof params.subscription === 'number')
  )
    return { kind: 'notification', subscription: String(params.subscription), result: params.result };
  if (typeof id !== 'number') return null;
  if (isRecord(error)) return { kind: 'refusal', id, error: nodeError(error) };
  return { kind: 'answer', id, result };
}

function nodeError(error: Record<string, unknown>): NodeError {
  return new NodeError(
    typeof error.code === 'number' ? error.code : 0,
    typeof error.message === 'string' ? error.message.slice(0, 512) : '',
    typeof error.data === 'string' ? error.data.slice(0, 512) : null,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

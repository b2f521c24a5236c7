import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { retryAfterMs } from '../../src-node/retry-after.ts';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { ANSWER_BYTES_MAX, BUSY_WAIT_MAX_MS, BUSY_WAIT_MS, HANDSHAKE_LIMIT_MS } from './limits.ts';

/** What an endpoint answers to the upgrade when it has had too much of us (RFC 6585) or of everybody. */
const BUSY_STATUS: ReadonlySet<number> = new Set([429, 503]);
/** Codes with which a server closes a socket for the same reasons (RFC 6455 and its registry): policy, restart, later. */
const BUSY_CLOSE: ReadonlySet<number> = new Set([1008, 1012, 1013]);

/**
 * An open socket to the endpoint.
 * @throws {AppError} CHAIN_UNREACHABLE, CHAIN_ENDPOINT_BUSY where the endpoint says so, CANCELLED on abort
 */
export async function dial(endpoint: string, signal: AbortSignal): Promise<WebSocket> {
  let ws: WebSocket;
  try {
    ws = new WebSocket(endpoint, { maxPayload: ANSWER_BYTES_MAX, perMessageDeflate: false });
  } catch (error) {
    throw new AppError('CHAIN_UNREACHABLE', { endpoint }, error);
  }
  const opened = new Promise<void>((resolve, reject) => {
    ws.once('open', resolve);
    ws.on('error', reject);
    ws.once('close', () => reject(new Error('closed before it opened')));
    ws.once('unexpected-response', (_request, response) => {
      reject(refusalOf(endpoint, response));
      ws.terminate();
    });
  });
  try {
    await within(opened, endpoint, HANDSHAKE_LIMIT_MS, signal);
    return ws;
  } catch (error) {
    ws.terminate();
    if (error instanceof AppError && error.code !== 'TIMEOUT') throw error;
    throw new AppError('CHAIN_UNREACHABLE', { endpoint }, error);
  }
}

function refusalOf(endpoint: string, { statusCode = 0, headers }: IncomingMessage): AppError {
  if (!BUSY_STATUS.has(statusCode))
    return new AppError('CHAIN_UNREACHABLE', { endpoint }, new Error(`HTTP ${statusCode}`));
  const seconds = retryAfterS(headers['retry-after'], Date.now());
  return new AppError('CHAIN_ENDPOINT_BUSY', { endpoint, limit: `HTTP ${statusCode}`, seconds });
}

/**
 * Seconds to wait as `Retry-After` has it.
 * @returns our own wait where there is no such header or it cannot be read, never more than the longest
 */
export function retryAfterS(header: string | undefined, nowMs: number): number {
  const waitMs = retryAfterMs(header, nowMs) ?? BUSY_WAIT_MS;
  return Math.ceil(Math.min(BUSY_WAIT_MAX_MS, waitMs) / 1_000);
}

/** Why a socket was closed by its other end, where that says more than that it is gone; else null. */
export function closeFault(endpoint: string, code: number, reason: Buffer): AppError | null {
  if (!BUSY_CLOSE.has(code)) return null;
  // Whatever the server writes: it is shown to a person.
  const said = reason
    .toString('utf8')
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 80);
  const limit = said ? `${code} ${said}` : `${code}`;
  return new AppError('CHAIN_ENDPOINT_BUSY', { endpoint, limit, seconds: BUSY_WAIT_MS / 1_000 });
}

import { leftAloneMs } from '../../../../src-node/retry-after.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { quotedName } from '../../../../src-shared/one-line.ts';
import { RATE_WAIT_LONGEST_MS } from '../limits.ts';

/** What an answer means for who asked. Bodies are read by whoever knows how long they may be. */
export type Verdict =
  | { readonly kind: 'good' }
  /** Nobody is helped by asking again. */
  | { readonly kind: 'final'; readonly error: AppError }
  /** Come back after so long. */
  | { readonly kind: 'rate-limited'; readonly waitMs: number }
  /** A fault that passes, so far as anybody can tell. */
  | { readonly kind: 'faulty' };

/** An answer that is none to what was asked: told after a few of them, and nothing of it is used. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer';
}

export interface Asked {
  readonly host: string;
  /** What was asked for, for a sentence. */
  readonly what: string;
}

/** @throws {WrongAnswer} for a status that is no answer to what Butterfly asks */
export function verdictOn(response: Response, { host, what }: Asked, nowMs = Date.now()): Verdict {
  const { status, headers } = response;
  if (status >= 200 && status < 400) return { kind: 'good' };
  if (status === 429 || status === 503) {
    const waitMs = leftAloneMs(headers, nowMs);
    if (waitMs === null) return { kind: 'faulty' };
    return { kind: 'rate-limited', waitMs: Math.min(waitMs, RATE_WAIT_LONGEST_MS) };
  }
  if (status >= 500 || status === 408 || status === 425) return { kind: 'faulty' };
  if (status === 401 || status === 403)
    return { kind: 'final', error: new AppError('TEXT_REFUSED', { host, what, status }) };
  if (status === 404 || status === 410)
    return { kind: 'final', error: new AppError('TEXT_NOT_FOUND', { host, what }) };
  throw new WrongAnswer(`its status is ${status}`);
}

/**
 * The whole body, bounded before it is held.
 * @param expectedBytes its length where that is known
 * @throws {WrongAnswer} for a shorter or longer one
 */
export async function readBody(
  response: Response,
  { maxBytes, expectedBytes = null }: { readonly maxBytes: number; readonly expectedBytes?: number | null },
): Promise<Uint8Array> {
  const told = response.headers.get('content-length');
  const mostBytes = expectedBytes ?? maxBytes;
  if (told !== null && (expectedBytes === null ? Number(told) > maxBytes : Number(told) !== expectedBytes)) {
    await response.body?.cancel();
    throw new WrongAnswer(`it has ${quotedName(told)} bytes`);
  }
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    // Leaving the loop cancels the rest.
    if (bytes > mostBytes) throw new WrongAnswer(`it has more than ${mostBytes} bytes`);
    parts.push(part);
  }
  if (expectedBytes !== null && bytes !== expectedBytes)
    throw new WrongAnswer(`it ended after ${bytes} of ${expectedBytes} bytes`);
  return Buffer.concat(parts, bytes);
}

import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { FEED_BYTES_MAX, FEED_LIMIT_MS } from './limits.ts';

/** What an answer fails with, in a word or two that may be shown: never what a library or a server says. */
export function whyNot(thrown: unknown): string {
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause?.code;
  if ((thrown as Error | null)?.name === 'TimeoutError') return 'too slow';
  return typeof cause === 'string' && /^[A-Z_0-9]{1,40}$/.test(cause) ? cause : 'no connection';
}

/**
 * The list of releases as it is sent, bounded while it comes.
 * @throws {AppError} UPDATE_FEED_SILENT, UPDATE_FEED_MALFORMED; CANCELLED
 */
export async function fetchFeed(
  address: string,
  signal: AbortSignal,
  limitMs = FEED_LIMIT_MS,
): Promise<string> {
  const limited = withLimit(signal, limitMs);
  try {
    const answer = await fetch(address, { signal: limited, cache: 'no-store' });
    if (!answer.ok || !answer.body)
      throw new AppError('UPDATE_FEED_SILENT', { why: `answer ${answer.status}` });
    return await textOf(answer.body);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    throw new AppError('UPDATE_FEED_SILENT', { why: limited.aborted ? 'too slow' : whyNot(thrown) }, thrown);
  }
}

/** @throws {AppError} UPDATE_FEED_MALFORMED beyond the bound: the rest is not read */
async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > FEED_BYTES_MAX) throw new AppError('UPDATE_FEED_MALFORMED');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

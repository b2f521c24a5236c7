import { AppError } from '../src-shared/errors/app-error.ts';
import { withLimit } from './waits.ts';

/** What an answer fails with, in a word or two that may be shown: never what a library or a server says. */
export function whyNot(thrown: unknown): string {
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause?.code;
  if ((thrown as Error | null)?.name === 'TimeoutError') return 'too slow';
  return typeof cause === 'string' && /^[A-Z_0-9]{1,40}$/.test(cause) ? cause : 'no connection';
}

export interface FetchTextOptions {
  /** From asking for it to its last byte. */
  readonly limitMs: number;
  readonly bytesMax: number;
  /** Whether it may send one on to another address. */
  readonly redirect: 'follow' | 'error';
  /** What is thrown where nothing of use comes. @param why in a word or two that may be shown */
  silent(why: string): AppError;
  /** What is thrown where more comes than may: the rest is not read. */
  tooLong(): AppError;
}

/**
 * A text as a server sends it, bounded while it comes.
 * @throws {AppError} what `silent` and `tooLong` say; CANCELLED
 */
export async function fetchText(
  address: string,
  options: FetchTextOptions,
  signal: AbortSignal,
): Promise<string> {
  const { limitMs, redirect, silent } = options;
  const limited = withLimit(signal, limitMs);
  try {
    const answer = await fetch(address, { signal: limited, cache: 'no-store', redirect });
    if (!answer.ok || !answer.body) throw silent(`answer ${answer.status}`);
    return await textOf(answer.body, options);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    throw silent(limited.aborted ? 'too slow' : whyNot(thrown));
  }
}

async function textOf(
  body: AsyncIterable<Uint8Array>,
  { bytesMax, tooLong }: FetchTextOptions,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > bytesMax) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

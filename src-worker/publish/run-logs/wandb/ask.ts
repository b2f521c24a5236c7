import { retryAfterMs } from '../../../../src-node/retry-after.ts';
import { withLimit } from '../../../../src-node/waits.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { WANDB_ANSWER_BYTES_MOST, WANDB_REQUEST_MS } from '../limits.ts';

/** Where an account of Weights & Biases lies, and what opens it. */
export interface WandbAccess {
  /** Of the public service `https://api.wandb.ai`, or of a server of one's own; without a slash at the end. */
  readonly baseUrl: string;
  /** Goes into the header of requests to that address, and nowhere else. */
  readonly apiKey: string;
}

/** Who answers what: their own client tries these again, and nothing else. */
const isBusy = (status: number): boolean => status === 429 || status >= 500;

/**
 * Sends JSON and reads JSON.
 * @param project whom the request is about, for errors
 * @throws {AppError} WANDB_KEY_REFUSED (401), WANDB_FORBIDDEN (403), WANDB_REFUSED (400, 404, 409, 410 and what else is
 * not tried again), WANDB_BUSY (429, 5xx), WANDB_UNREACHABLE, WANDB_ANSWER_ODD, CANCELLED
 */
export async function askWandb(
  { baseUrl, apiKey }: WandbAccess,
  { path, body, project }: { readonly path: string; readonly body: unknown; readonly project: string },
  signal: AbortSignal,
): Promise<unknown> {
  const limited = withLimit(signal, WANDB_REQUEST_MS);
  try {
    const answer = await fetch(`${baseUrl}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`api:${apiKey}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
      // Whoever answers for another address does not get the key.
      redirect: 'manual',
      signal: limited,
    });
    const { status } = answer;
    if (!answer.ok) {
      await answer.body?.cancel();
      if (status === 401) throw new AppError('WANDB_KEY_REFUSED');
      if (status === 403) throw new AppError('WANDB_FORBIDDEN', { project });
      throw isBusy(status)
        ? new AppError('WANDB_BUSY', { status, ...retryAfter(answer.headers) })
        : new AppError('WANDB_REFUSED', { project, status });
    }
    return await jsonOf(answer.body, baseUrl);
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    throw new AppError('WANDB_UNREACHABLE', { why: limited.aborted ? 'too slow' : whyNot(thrown) }, thrown);
  }
}

/** How long to leave it alone, where it says so. */
function retryAfter(headers: Headers): { readonly retryAfterS?: number } {
  const waitMs = retryAfterMs(headers.get('retry-after'), Date.now());
  return waitMs === null ? {} : { retryAfterS: Math.ceil(waitMs / 1_000) };
}

/** Never what a library says: the name of the fault alone. */
function whyNot(thrown: unknown): string {
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause?.code;
  return typeof cause === 'string' && /^[A-Z_0-9]{1,40}$/.test(cause) ? cause : 'no connection';
}

async function jsonOf(body: AsyncIterable<Uint8Array> | null, baseUrl: string): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.length;
    if (bytes > WANDB_ANSWER_BYTES_MOST) throw odd(baseUrl);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch (thrown) {
    throw odd(baseUrl, thrown);
  }
}

export const odd = (baseUrl: string, cause?: unknown): AppError =>
  new AppError('WANDB_ANSWER_ODD', { host: new URL(baseUrl).host }, cause);

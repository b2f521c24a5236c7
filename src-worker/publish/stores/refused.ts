import { AppError } from '../../../src-shared/errors/app-error.ts';
import { REFUSAL_BYTES_MAX } from '../limits.ts';
import { readWhole } from './read-whole.ts';
import { askedWaitMs } from './retry.ts';

export interface RefusedBy {
  /** For sentences: what it is called, and where in it we write. */
  readonly store: string;
  readonly place: string;
  /** What its 403 means, by the text that came with it. */
  forbidden(text: string): AppError;
}

/**
 * What an answer's status means that any store of the web may give. null: for whoever asked to judge.
 * @param isOwn an address that a store signed for us and that has run out is no word on the key
 */
export async function refusedBy(
  response: Response,
  isOwn: boolean,
  { store, place, forbidden }: RefusedBy,
): Promise<AppError | null> {
  const { status, headers } = response;
  if (status === 429 || (status === 503 && headers.has('retry-after')))
    return new AppError('STORE_BUSY', { store, waitMs: askedWaitMs(headers) });
  if (status === 408 || (status >= 500 && status !== 507))
    return new AppError('STORE_UNREACHABLE', { store, why: `it answered ${status}` });
  if (status === 413 || status === 507) return new AppError('STORE_FULL', { place, neededMib: '?' });
  if (!isOwn) return new AppError('STORE_UNREACHABLE', { store, why: `its storage answered ${status}` });
  if (status === 401) return new AppError('STORE_KEY_REFUSED', { store });
  if (status === 403 && response.body)
    return forbidden((await readWhole(response.body, REFUSAL_BYTES_MAX)) ?? '');
  if (status === 403) return forbidden('');
  return null;
}

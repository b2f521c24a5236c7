import { fetchText } from '../../src-node/fetch-text.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { FEED_BYTES_MAX, FEED_LIMIT_MS } from './limits.ts';

/**
 * The list of releases as it is sent.
 * @throws {AppError} UPDATE_FEED_SILENT, UPDATE_FEED_MALFORMED; CANCELLED
 */
export const fetchFeed = (address: string, signal: AbortSignal, limitMs = FEED_LIMIT_MS): Promise<string> =>
  fetchText(
    address,
    {
      limitMs,
      bytesMax: FEED_BYTES_MAX,
      redirect: 'follow',
      silent: (why) => new AppError('UPDATE_FEED_SILENT', { why }),
      tooLong: () => new AppError('UPDATE_FEED_MALFORMED'),
    },
    signal,
  );

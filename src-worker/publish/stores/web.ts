import type { ReadPlace } from '../../../src-shared/contract/publish/stores.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  readStateIndex,
  STATE_INDEX,
  STATE_INDEX_BYTES_MAX,
} from '../../../src-shared/published/state-index.ts';
import { readWhole } from './read-whole.ts';
import { refusedBy } from './refused.ts';
import { patiently } from './retry.ts';
import {
  isPart,
  missing,
  type ReadRange,
  rangeHeader,
  type StateReader,
  type StoredState,
  type StoreGround,
} from './store.ts';
import { storeFileFetch } from './store-fetch.ts';

const SERVER = 'The server';

/**
 * A folder of states behind any server of the web, which is only read: its list is a file that whoever publishes into the
 * folder writes there. It is asked for the files below one address, and is not followed elsewhere: where it leads may be a
 * door that only the reader can reach.
 */
export function webStore(
  { url: base }: Extract<ReadPlace, { kind: 'web' }>,
  ground: StoreGround,
): StateReader {
  /** @returns null where there is no such file */
  async function bodyOf(name: string, range: ReadRange, signal: AbortSignal) {
    const get = storeFileFetch({
      ...{ store: SERVER, url: base, pace: ground.pace, signal },
      onSent,
      refusal,
    });
    const headers: Record<string, string> = isPart(range) ? { range: rangeHeader(range) } : {};
    const response = await get(`${base}${name}`, { headers, redirect: 'error', cache: 'no-store' });
    if (response.status === (isPart(range) ? 206 : 200)) return response.body;
    await response.body?.cancel();
    if (response.status === 404 || response.status === 410) return null;
    throw foreign(`status ${response.status} for a file`);
  }

  async function list(signal: AbortSignal): Promise<readonly StoredState[]> {
    const text = await patiently(ground, signal, async () => {
      const body = await bodyOf(STATE_INDEX, { begin: 0 }, signal);
      if (!body) throw new AppError('STORE_WITHOUT_LIST', { place: base, name: STATE_INDEX });
      return readWhole(body, STATE_INDEX_BYTES_MAX);
    });
    const states = text === null ? null : readStateIndex(text);
    if (!states) throw foreign(`what it has as ${STATE_INDEX}`);
    return states;
  }

  async function* read(tag: string, name: string, range: ReadRange, signal: AbortSignal) {
    const body = await patiently(ground, signal, () => bodyOf(`${tag}/${name}`, range, signal));
    if (!body) throw missing(base, tag);
    yield* body;
  }

  return { list, read };
}

const onSent = () => undefined;
const foreign = (what: string) => new AppError('STORE_ANSWER_FOREIGN', { store: SERVER, what });

/** Nobody has a key for it: what is closed there is closed to all. */
const refusal = (response: Response, isOwn: boolean): Promise<AppError | null> =>
  response.status === 401 ? Promise.resolve(closed()) : refusedBy(response, isOwn, refusedHow);

const closed = () =>
  new AppError('STORE_UNREACHABLE', { store: SERVER, why: 'it does not show its files to everybody' });
const refusedHow = { store: SERVER, place: SERVER, forbidden: closed };

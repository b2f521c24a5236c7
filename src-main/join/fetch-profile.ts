import { join } from 'node:path';
import { S3mini } from 's3mini';
import { fetchText } from '../../src-node/fetch-text.ts';
import { hubUrl } from '../../src-node/hub-url.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { profilePath } from '../../src-shared/profile/announcement.ts';
import { PROFILE_BYTES_MAX } from '../../src-shared/profile/limits.ts';
import {
  isLoopbackHost,
  type StoreAddress,
  shownStoreAddress,
} from '../../src-shared/stores/store-address.ts';
import type { Hex } from '../../src-shared/units.ts';
import { PROFILE_FETCH_LIMIT_MS, PROFILE_LINK_S } from './limits.ts';

/**
 * The text of the profile with this hash as a store gives it: bounded, and not believed yet.
 * @param hub where the Hub is
 * @throws {AppError} RUN_STORE_SILENT, RUN_STORE_WITHOUT_PROFILE, PROFILE_INVALID for a text too long; CANCELLED
 */
export async function fetchProfileText(
  store: StoreAddress,
  profileHash: Hex,
  signal: AbortSignal,
  hub = hubUrl(),
): Promise<string> {
  const path = profilePath(profileHash);
  switch (store.kind) {
    case 'folder':
      return fromFolder(store, path);
    case 'hub':
      // The Hub sends a reader on to where its files lie.
      return fromWeb(store, `${hub}/${store.repository}/resolve/main/${path}`, 'follow', signal);
    case 'web':
      return fromWeb(store, `${store.url}${path}`, 'error', signal);
    case 's3':
      return fromWeb(store, await linkTo(store, path), 'error', signal);
  }
}

const tooLong = (): AppError => new AppError('PROFILE_INVALID', { reason: 'it is too long' });

function fromWeb(
  store: StoreAddress,
  address: string,
  redirect: 'follow' | 'error',
  signal: AbortSignal,
): Promise<string> {
  const named = { store: shownStoreAddress(store) };
  const silent = (why: string) =>
    why === 'answer 404'
      ? new AppError('RUN_STORE_WITHOUT_PROFILE', named)
      : new AppError('RUN_STORE_SILENT', { ...named, why });
  const limits = { limitMs: PROFILE_FETCH_LIMIT_MS, bytesMax: PROFILE_BYTES_MAX };
  return fetchText(address, { ...limits, redirect, silent, tooLong }, signal);
}

async function fromFolder(store: Extract<StoreAddress, { kind: 'folder' }>, path: string): Promise<string> {
  const text = await readTextBounded(join(store.path, path), PROFILE_BYTES_MAX);
  if (text === null) throw tooLong();
  if (text === undefined)
    throw new AppError('RUN_STORE_WITHOUT_PROFILE', { store: shownStoreAddress(store) });
  return text;
}

/** A bucket that is open to all is read as the web is; for another its own key makes a link that holds for minutes. */
async function linkTo(store: Extract<StoreAddress, { kind: 's3' }>, path: string): Promise<string> {
  const { endpoint, bucket, readKey } = store;
  const isHere = isLoopbackHost(new URL(`https://${endpoint}`).hostname);
  const place = `${isHere ? 'http' : 'https'}://${endpoint}/${bucket}`;
  if (!readKey) return `${place}/${path}`;
  const { keyId: accessKeyId, secretKey: secretAccessKey } = readKey;
  const bucketOf = new S3mini({ endpoint: place, accessKeyId, secretAccessKey });
  return bucketOf.getPresignedUrl('GET', path, PROFILE_LINK_S);
}

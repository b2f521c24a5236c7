import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { PROFILE_BYTES_MAX } from '../../../src-shared/profile/limits.ts';
import {
  bytesOfFiles,
  compareTags,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  parseTag,
  readManifest,
} from '../../../src-shared/published/manifest.ts';
import { INDEXED_STATES_MAX } from '../../../src-shared/published/state-index.ts';
import { KEYS_AT_ONCE } from '../limits.ts';
import { readWhole } from './read-whole.ts';
import { patiently } from './retry.ts';
import { BUCKET, S3Client, type S3Place } from './s3-client.ts';
import { putFile } from './s3-upload.ts';
import {
  demandSameProfile,
  differs,
  type LocalProfile,
  type LocalState,
  missing,
  type Put,
  type ReadRange,
  type StateStore,
  type StoredState,
  type StoreGround,
  type Verified,
} from './store.ts';

const EPOCHS = 'epoch-';
/** The subnet's own names in such buckets: an epoch is an outer step. */
const folderOf = (tag: string): string => `${EPOCHS}${parseTag(tag).outerStep}/`;
const epochOf = (key: string): number | null => {
  const [, epoch] = /^epoch-(0|[1-9]\d{0,8})\//.exec(key) ?? [];
  return epoch === undefined ? null : Number(epoch);
};

/**
 * States in a bucket that speaks S3, as the subnet's miners keep them: files of an outer step under `epoch-E/`, the
 * manifest last. A state that broke off is gone on with where the bucket says that it ended.
 */
export function s3Store(place: S3Place, secret: string | null, ground: StoreGround): StateStore {
  let sentBytes = 0;
  const clientFor = (signal: AbortSignal): S3Client => {
    if (secret === null && place.accessKeyId !== '')
      throw new AppError('STORE_KEY_MISSING', { store: BUCKET });
    return new S3Client(place, secret, ground, {
      signal,
      onSent(bytes) {
        sentBytes += bytes;
        ground.progress.add(bytes);
      },
    });
  };
  const calling = <T>(signal: AbortSignal, work: (client: S3Client) => Promise<T>): Promise<T> => {
    const client = clientFor(signal);
    return patiently(ground, signal, () => work(client).catch(inOurWords));
  };

  async function list(signal: AbortSignal): Promise<readonly StoredState[]> {
    return calling(signal, async (client) => {
      const keys = await client.keys(EPOCHS, INDEXED_STATES_MAX * 16);
      const epochs = keys.filter(({ key }) => epochOf(key) !== null && key.endsWith(`/${MANIFEST}`));
      const states: StoredState[] = [];
      for (const { key } of epochs.slice(0, INDEXED_STATES_MAX)) {
        const text = await manifestAt(client, key);
        const manifest = text === null ? null : readManifest(text);
        if (text !== null && manifest && `${folderOf(manifest.tag)}${MANIFEST}` === key)
          states.push({ tag: manifest.tag, revision: sha256Hex(text) });
      }
      return states.sort((a, b) => compareTags(a.tag, b.tag));
    });
  }

  const manifestAt = async (client: S3Client, key: string): Promise<string | null> => {
    const body = await client.read(key);
    return body && readWhole(body, MANIFEST_BYTES_MAX);
  };

  async function put(local: LocalState, _options: unknown, signal: AbortSignal): Promise<Put> {
    const { manifest, manifestText, folder } = local;
    const { tag, files } = manifest;
    const prefix = folderOf(tag);
    const allBytes = bytesOfFiles(files);
    const state = { tag, revision: sha256Hex(manifestText) };
    const there = await calling(signal, (client) => manifestAt(client, `${prefix}${MANIFEST}`));
    if (there !== null && there !== manifestText) throw differs(place.bucket, tag);
    if (there !== null) return { state, sentBytes: 0, foundBytes: allBytes };
    ground.progress.begin('sending', allBytes);
    sentBytes = 0;
    let foundBytes = 0;
    for (const file of files)
      foundBytes += await calling(signal, (client) =>
        putFile({ client, ground, folder, signal }, `${prefix}${file.name}`, file),
      );
    const filesSentBytes = sentBytes;
    ground.progress.begin('committing', allBytes);
    const text = new TextEncoder().encode(manifestText);
    await calling(signal, (client) => client.put(`${prefix}${MANIFEST}`, text, sha256Hex(text)));
    await calling(signal, (client) => giveUpOthers(client, prefix));
    return { state, sentBytes: filesSentBytes, foundBytes };
  }

  /** What other starts began and never ended is paid for without being seen. */
  async function giveUpOthers(client: S3Client, prefix: string): Promise<void> {
    for (const { key, uploadId } of await client.uploads(EPOCHS))
      if (epochOf(key) !== null && !key.startsWith(prefix)) await client.giveUp(key, uploadId);
  }

  /** An object is there whole or not at all. Who may read it the bucket says, or a key that its address brings. */
  async function putProfile(profile: LocalProfile, signal: AbortSignal): Promise<boolean> {
    const bytes = new TextEncoder().encode(profile.text);
    return calling(signal, async (client) => {
      ground.progress.begin('checking', bytes.length);
      const there = await client.read(profile.path);
      if (there) {
        demandSameProfile(place.bucket, profile, await readWhole(there, PROFILE_BYTES_MAX));
        return false;
      }
      ground.progress.begin('sending', bytes.length);
      await client.put(profile.path, bytes, sha256Hex(bytes));
      return true;
    });
  }

  async function* read(tag: string, name: string, range: ReadRange, signal: AbortSignal) {
    const body = await calling(signal, (client) => client.read(`${folderOf(tag)}${name}`, range));
    if (!body) throw missing(place.bucket, tag);
    yield* body;
  }

  /** The manifest goes first: what has none is no state. */
  async function keepFrom(oldest: string, signal: AbortSignal): Promise<void> {
    const old = (await list(signal)).filter(({ tag }) => compareTags(tag, oldest) < 0);
    for (const { tag } of old)
      await calling(signal, async (client) => {
        const prefix = folderOf(tag);
        const keys = (await client.keys(prefix, KEYS_AT_ONCE)).map(({ key }) => key);
        const manifest = `${prefix}${MANIFEST}`;
        for (const key of [manifest, ...keys.filter((key) => key !== manifest)]) await client.delete(key);
      });
  }

  async function verify(sample: Uint8Array, signal: AbortSignal): Promise<Verified> {
    const key = `test-${randomBytes(6).toString('hex')}`;
    return calling(signal, async (client) => {
      const beganMs = performance.now();
      await client.put(key, sample, sha256Hex(sample));
      const sentMs = performance.now() - beganMs;
      const back = await client.read(key);
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const part of back ?? []) {
        bytes += part.length;
        if (bytes > sample.length) break;
        parts.push(part);
      }
      const receivedMs = performance.now() - beganMs - sentMs;
      await client.keys(EPOCHS, 1);
      await client.delete(key);
      if (!Buffer.concat(parts).equals(sample))
        throw new AppError('STORE_ROUND_TRIP_WRONG', { store: BUCKET });
      return { account: null, place: place.bucket, isPublic: null, sentMs, receivedMs };
    });
  }

  return { verify, list, put, putProfile, read, keepFrom };
}

/** Errors of the library, which come of answers that it cannot read. */
function inOurWords(thrown: unknown): never {
  if (thrown instanceof AppError || (thrown as Error)?.name === 'AbortError') throw thrown;
  const { cause } = thrown as { cause?: unknown };
  if (cause instanceof AppError) throw cause;
  throw new AppError('STORE_ANSWER_FOREIGN', { store: BUCKET, what: 'its form' }, thrown);
}

import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { readError } from '../../../src-node/disk-error.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import type { StoredFile } from '../../../src-shared/published/manifest.ts';
import { PART_BYTES, PARTS_AT_ONCE } from '../limits.ts';
import type { ListedPart, S3Client } from './s3-client.ts';
import { demandDigest, type StoreGround } from './store.ts';

export interface Uploading {
  readonly client: S3Client;
  readonly ground: StoreGround;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * Puts one file under a key. What the bucket has of it already is not sent again: the whole object by the digest that it
 * was put with, parts of an upload that broke off by their own.
 * @returns bytes that were there
 */
export async function putFile(to: Uploading, key: string, file: StoredFile): Promise<number> {
  const there = await to.client.head(key);
  if (there?.sizeBytes === file.sizeBytes && there.sha256 === file.sha256) {
    to.ground.progress.add(file.sizeBytes);
    return file.sizeBytes;
  }
  const path = join(to.folder, file.name);
  const handle = await open(path, 'r').catch((thrown: unknown) => {
    throw readError(thrown, path);
  });
  try {
    return await (file.sizeBytes <= PART_BYTES
      ? putWhole(to, key, file, handle)
      : putParts(to, key, file, handle));
  } finally {
    await handle.close();
  }
}

async function putWhole({ client, folder }: Uploading, key: string, file: StoredFile, handle: FileHandle) {
  const bytes = await readPart(handle, 0, file.sizeBytes);
  demandDigest(folder, file, sha256Hex(bytes));
  await client.put(key, bytes, file.sha256);
  return 0;
}

async function putParts(to: Uploading, key: string, file: StoredFile, handle: FileHandle): Promise<number> {
  const { client, folder, ground, signal } = to;
  const { uploadId, there } = await resume(client, key, file);
  const whole = createHash('sha256');
  const done: ListedPart[] = [];
  const sending = new Set<Promise<void>>();
  let failure: unknown = null;
  let foundBytes = 0;
  // Read in order, because the whole is summed up on the way; sent several at once.
  for (let partNumber = 1; (partNumber - 1) * PART_BYTES < file.sizeBytes && failure === null; partNumber++) {
    signal.throwIfAborted();
    const bytes = await readPart(handle, (partNumber - 1) * PART_BYTES, file.sizeBytes);
    whole.update(bytes);
    const md5 = createHash('md5').update(bytes).digest('hex');
    const found = there.get(partNumber);
    if (found?.sizeBytes === bytes.length && found.etag === md5) {
      done.push(found);
      foundBytes += bytes.length;
      ground.progress.add(bytes.length);
      continue;
    }
    const sent = client
      .putPart(key, uploadId, partNumber, bytes)
      .then((etag) => void done.push({ partNumber, etag, sizeBytes: bytes.length }))
      .catch((thrown: unknown) => {
        failure ??= thrown;
      })
      .finally(() => sending.delete(sent));
    sending.add(sent);
    if (sending.size >= PARTS_AT_ONCE) await Promise.race(sending);
  }
  await Promise.all(sending);
  if (failure !== null) throw failure;
  demandDigest(folder, file, whole.digest('hex'));
  done.sort((a, b) => a.partNumber - b.partNumber);
  await client.complete(key, uploadId, done);
  return foundBytes;
}

interface Begun {
  readonly uploadId: string;
  readonly there: ReadonlyMap<number, ListedPart>;
}

/** The upload to go on with: the one that has most, the others given up; a new one where there is none. */
async function resume(client: S3Client, key: string, file: StoredFile): Promise<Begun> {
  const begun: Begun[] = [];
  for (const upload of await client.uploads(key)) {
    if (upload.key !== key) continue;
    const parts = await client.parts(key, upload.uploadId);
    begun.push({ uploadId: upload.uploadId, there: new Map(parts.map((part) => [part.partNumber, part])) });
  }
  const [best, ...others] = begun.sort((a, b) => b.there.size - a.there.size);
  for (const { uploadId } of others) await client.giveUp(key, uploadId);
  return best ?? { uploadId: await client.begin(key, file.sha256), there: new Map() };
}

async function readPart(handle: FileHandle, at: number, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.min(PART_BYTES, sizeBytes - at));
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes;
}

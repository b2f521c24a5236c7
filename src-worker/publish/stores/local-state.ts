import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readError } from '../../../src-node/disk-error.ts';
import { readTextBounded } from '../../../src-node/read-bounded.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { MANIFEST, MANIFEST_BYTES_MAX, readManifest } from '../../../src-shared/published/manifest.ts';
import { CHUNK_BYTES } from '../limits.ts';
import type { LocalState } from './store.ts';

/**
 * A folder to be published: its manifest and the sizes of what it names. Digests are looked at while files are read.
 * @throws {AppError} PUBLISH_FOLDER_UNFIT, or of the disk
 */
export async function openLocalState(folder: string): Promise<LocalState> {
  const unfit = (what: string) => new AppError('PUBLISH_FOLDER_UNFIT', { path: folder, what });
  const manifestText = await readTextBounded(join(folder, MANIFEST), MANIFEST_BYTES_MAX);
  if (manifestText === undefined) throw unfit('it has no manifest');
  const manifest = manifestText === null ? null : readManifest(manifestText);
  if (!manifest || manifestText === null) throw unfit('its manifest cannot be read');
  for (const { name, sizeBytes } of manifest.files) {
    const path = join(folder, name);
    const found = await stat(path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') throw unfit(`${name} is missing`);
      throw readError(thrown, path);
    });
    if (!found.isFile() || found.size !== sizeBytes) throw unfit(`${name} has another size`);
  }
  return { folder, manifest, manifestText };
}

/** A file's bytes in portions that no caller may keep: the same memory is filled again. */
export async function* portionsOf(
  path: string,
  { begin = 0, end = Number.POSITIVE_INFINITY, bytes = CHUNK_BYTES } = {},
): AsyncGenerator<Uint8Array> {
  const file: FileHandle = await open(path, 'r').catch((thrown: unknown) => {
    throw readError(thrown, path);
  });
  try {
    const buffer = new Uint8Array(bytes);
    for (let at = begin; at < end; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(bytes, end - at), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** SHA-256 of a file, hex; null where there is none. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string | null> {
  const sum = createHash('sha256');
  try {
    for await (const portion of portionsOf(path)) {
      signal.throwIfAborted();
      sum.update(portion);
    }
  } catch (thrown) {
    if (isAbsent(thrown)) return null;
    throw thrown;
  }
  return sum.digest('hex');
}

const isAbsent = (thrown: unknown): boolean => {
  const of = thrown instanceof AppError ? thrown.cause : thrown;
  return (of as NodeJS.ErrnoException | null)?.code === 'ENOENT';
};

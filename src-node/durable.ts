import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../src-shared/errors/app-error.ts';
import { diskError } from './disk-error.ts';
import { RENAME_PAUSE_MS, RENAME_RETRY_MS, SYNCS_AT_ONCE } from './limits.ts';

/** Files that survive a power cut whole: the old one or the new one. Everybody who writes for keeps writes here. */

/**
 * Replaces a file whole or not at all, under a temporary name first, then synced and renamed.
 * @throws {AppError} DISK_FULL, DATA_DIR_UNWRITABLE
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await drafted(path, content, mode, (draft) => publish(draft, path));
}

/**
 * Creates a file whole or not at all and never over another one.
 * @returns false when the name was taken
 * @throws {AppError} DISK_FULL, DATA_DIR_UNWRITABLE
 */
export async function createFile(path: string, content: string | Uint8Array, mode = 0o600): Promise<boolean> {
  let isNew = true;
  await drafted(path, content, mode, async (draft) => {
    // A hard link, not a rename: a rename would replace what another process made meanwhile.
    isNew = await link(draft, path).then(() => true, isTaken);
    await syncFolder(dirname(path));
  });
  return isNew;
}

/** Gives a file that is complete and synced its final name, for good. */
export async function publish(draft: string, path: string): Promise<void> {
  await renamePatiently(draft, path);
  await syncFolder(dirname(path));
}

/** What a test puts in the place of the operating system. */
export interface Renaming {
  readonly platform: NodeJS.Platform;
  rename(from: string, to: string): Promise<void>;
}

/**
 * Renames over what stands there. On Windows a scanner or an indexer may hold a new file for a moment, which fails
 * the renaming as "busy" or "not permitted": it is tried again for `RENAME_RETRY_MS`.
 * @throws {AppError} FILE_IN_USE after that; elsewhere what the system says
 */
export async function renamePatiently(
  from: string,
  to: string,
  { platform, rename: move }: Renaming = { platform: process.platform, rename },
): Promise<void> {
  const givesUpAt = performance.now() + RENAME_RETRY_MS;
  for (;;) {
    try {
      return await move(from, to);
    } catch (thrown) {
      if (platform !== 'win32' || !isHeld(thrown)) throw thrown;
      if (performance.now() >= givesUpAt) throw new AppError('FILE_IN_USE', { path: to }, thrown);
      await sleep(RENAME_PAUSE_MS);
    }
  }
}

const isHeld = (thrown: unknown): boolean =>
  ['EBUSY', 'EPERM', 'EACCES'].includes((thrown as { code?: string }).code ?? '');

/** A new name is durable once its folder is synced; Windows keeps names by itself and refuses to open folders. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

/** Makes durable what others wrote below a folder: every file, and every name. */
export async function syncTree(folder: string): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries = found.values();
  const syncing = async () => {
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) await syncFolder(path);
      else if (entry.isFile()) await syncFile(path);
    }
  };
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, syncing));
  await syncFolder(folder);
}

/** Windows syncs only what is open to be written. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  await handle.sync().finally(() => handle.close());
}

/** Writes all of it; a single `write` may take less. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

/** Writes all of it at that place; a single `write` may take less. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}

/** Opens a file to go on with what is in it: 'a+' would force writes to the end, 'w+' would lose what is there. */
export async function openOrCreate(path: string): Promise<FileHandle> {
  return open(path, 'r+').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw thrown;
    return open(path, 'w+');
  });
}

async function drafted(
  path: string,
  content: string | Uint8Array,
  mode: number,
  finish: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await finish(draft);
  } catch (thrown) {
    throw diskError(thrown, path);
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

function isTaken(thrown: NodeJS.ErrnoException): false {
  if (thrown.code === 'EEXIST') return false;
  throw thrown;
}

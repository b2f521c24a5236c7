import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { FREE_BYTES_MIN, FREE_FILES_MIN, OPEN_FILES_MIN } from './limits.ts';

const PROBE_BYTES = 4_096;

/**
 * Whether the disk takes what a start writes: found out here, with a sentence, and not halfway through a database.
 * @throws {AppError} DISK_FULL, DISK_FILES_SPENT, TOO_MANY_FILES, or of the disk
 */
export async function checkRoom(path: string): Promise<void> {
  const { bavail, bsize, files, ffree } = await statfs(path);
  if (bavail * bsize < FREE_BYTES_MIN) throw new AppError('DISK_FULL', { path });
  // File systems that make entries as they need them report none at all.
  if (files > 0 && ffree < FREE_FILES_MIN) throw new AppError('DISK_FILES_SPENT', { path });
  await probe(path);
}

async function probe(path: string): Promise<void> {
  const file = join(path, `.probe-${randomBytes(6).toString('hex')}`);
  const handles: FileHandle[] = [];
  try {
    await writeFile(file, Buffer.alloc(PROBE_BYTES), { flag: 'wx', mode: 0o600 });
    // SQLite says of a handle that it was not given only that it cannot open the file.
    while (handles.length < OPEN_FILES_MIN) handles.push(await open(file, 'r'));
  } finally {
    await Promise.all(handles.map((handle) => handle.close()));
    await rm(file, { force: true });
  }
}

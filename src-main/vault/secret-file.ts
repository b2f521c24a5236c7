import { randomBytes } from 'node:crypto';
import { link, mkdir, open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { KEY_FILE_BYTES_MAX } from './limits.ts';

/** @returns null when there is no such file. @throws {AppError} KEY_FILE_CORRUPT when it is no readable small file. */
export async function readSecretFile(path: string): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size === 0 || size > KEY_FILE_BYTES_MAX) throw new AppError('KEY_FILE_CORRUPT', { path });
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new AppError('KEY_FILE_CORRUPT', { path });
  }
}

/**
 * Creates the file whole or not at all, readable by its owner alone, synced before it gets its name.
 * @returns false when the name was taken meanwhile: a key is never overwritten
 */
export async function createSecretFile(path: string, text: string): Promise<boolean> {
  const dir = dirname(path);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // A hard link, not a rename: a rename would replace a key that another process made meanwhile.
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new AppError('DATA_DIR_UNWRITABLE', { path: dir });
  } finally {
    await unlink(temporary).catch(() => undefined);
    await syncDirectory(dir);
  }
}

async function syncDirectory(dir: string): Promise<void> {
  if (process.platform === 'win32' || !(await stat(dir)).isDirectory()) return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

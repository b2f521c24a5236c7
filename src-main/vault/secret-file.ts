import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '../../src-node/disk-error.ts';
import { createFile } from '../../src-node/durable.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { KEY_FILE_BYTES_MAX } from './limits.ts';

/**
 * @returns null when there is no such file
 * @throws {AppError} KEY_FILE_CORRUPT when it is no small file, FILE_UNREADABLE when it may not be read
 */
export async function readSecretFile(path: string): Promise<string | null> {
  return (await readKeyBytes(path))?.toString('utf8') ?? null;
}

/** The same as bytes: a locked file is no text. */
export async function readKeyBytes(path: string): Promise<Buffer | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size === 0 || size > KEY_FILE_BYTES_MAX) throw new AppError('KEY_FILE_CORRUPT', { path });
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'EACCES' || code === 'EPERM') throw new AppError('FILE_UNREADABLE', { path });
    throw new AppError('KEY_FILE_CORRUPT', { path });
  }
}

/**
 * Creates the file whole or not at all, readable by its owner alone, synced before it gets its name.
 * @returns false when the name was taken meanwhile: a key is never overwritten
 * @throws {AppError} of the disk
 */
export async function createSecretFile(path: string, content: string | Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw diskError(thrown, folder);
  });
  return createFile(path, content);
}

import { basename } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { VectorSource } from '../vector-source.ts';
import { readInto, withFile } from './files.ts';
import { bytesOf } from './vectors.ts';

/** A vector in a file, its first element at byte `begin`. Whoever makes one has verified or written that file. */
export const inFile = (path: string, begin: number): VectorSource => ({
  isStored: true,
  read: (into, offset) => fill(bytesOf(into), path, begin + 4 * offset),
});

/** @throws {AppError} STATE_FILE_MALFORMED where the file is gone or shorter than it was */
export async function fill(bytes: Uint8Array, path: string, from: number): Promise<void> {
  const isRead = await withFile(path, async (file, sizeBytes) => {
    if (sizeBytes < from + bytes.length) return null;
    await readInto(file, from, bytes);
    return true;
  });
  if (isRead === null)
    throw new AppError('STATE_FILE_MALFORMED', {
      reason: `${basename(path)} is gone or shorter than it was`,
    });
}

import { type FileHandle, open } from 'node:fs/promises';
import { readError } from './disk-error.ts';

/**
 * A text file that is bounded before it is read.
 * @returns undefined when there is no file, null when it is longer than any of ours
 * @throws {AppError} what the disk says
 */
export async function readTextBounded(path: string, bytesMax: number): Promise<string | null | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return (await file.stat()).size > bytesMax ? null : await file.readFile('utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw readError(thrown, path);
  } finally {
    await file?.close();
  }
}

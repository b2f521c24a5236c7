import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readError } from './disk-error.ts';
import { renamePatiently } from './durable.ts';

/**
 * Gives a file that cannot be used another name, `NAME.damaged-<n>`, so that nothing is written over it.
 * @returns the new path
 * @throws {AppError} of the disk
 */
export async function setAside(path: string): Promise<string> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.damaged-`;
  try {
    const taken = (await readdir(folder))
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .filter(Number.isSafeInteger);
    const movedTo = join(folder, `${prefix}${Math.max(0, ...taken) + 1}`);
    await renamePatiently(path, movedTo);
    return movedTo;
  } catch (thrown) {
    throw readError(thrown, path);
  }
}

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readError } from '../../src-node/disk-error.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/** A folder of more is no wallet's, and its names would fill the page. */
const NAMES_TOLD = 8;

/**
 * The file of the one hotkey in a wallet's folder: by our own name, by the wallet's, or the only one there is.
 * @returns null where there is none
 * @throws {AppError} HOTKEYS_SEVERAL, FILE_UNREADABLE, or of the disk
 */
export async function findHotkeyFile(walletDir: string, name: string): Promise<string | null> {
  const folder = join(walletDir, 'hotkeys');
  const names = await namesIn(folder);
  const own = [`${name}.json`, name].find((file) => names.includes(file));
  if (own) return join(folder, own);
  if (names.length > 1)
    throw new AppError('HOTKEYS_SEVERAL', { path: folder, names: names.slice(0, NAMES_TOLD).join(', ') });
  return names[0] === undefined ? null : join(folder, names[0]);
}

/** Hidden files, and the public halves that wallets write beside the keys, are none. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && !/^\.|pub\.txt$/.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return [];
    throw readError(thrown, folder);
  }
}

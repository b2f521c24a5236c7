import { join } from 'node:path';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { KEY_FILE_BYTES_MAX } from '../limits.ts';
import { HOTKEYS_FOLDER } from './layout.ts';
import type { Look } from './read-places.ts';
import { holdsNothing, readKeys, type WalletFiles } from './read-wallets.ts';

/** A file of a wallet that somebody brings. */
export interface HeldFile {
  /** Below the wallet's folder: one of those for which `isWalletFile` is true. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Reads what is held as if it lay in a folder of that name. */
export function heldFiles(name: string, files: readonly HeldFile[]): WalletFiles {
  const byPath = new Map(files.map(({ path, bytes }) => [join(name, path), bytes]));
  const below = `${HOTKEYS_FOLDER}/`;
  return {
    async read(path) {
      const bytes = byPath.get(path);
      if (bytes === undefined) return null;
      if (bytes.length === 0 || bytes.length > KEY_FILE_BYTES_MAX)
        throw new AppError('KEY_FILE_CORRUPT', { path });
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    hotkeyFiles: async () =>
      files.flatMap(({ path }) => (path.startsWith(below) ? [path.slice(below.length)] : [])).sort(),
  };
}

/** The wallet that these files make. */
export async function lookAtHeld(name: string, files: readonly HeldFile[]): Promise<Look> {
  try {
    const keys = await readKeys(name, heldFiles(name, files));
    const wallet = { name, path: name, ...keys, backedUpAtMs: null };
    return { wallets: holdsNothing(wallet) ? [] : [wallet], fault: null };
  } catch (thrown) {
    return { wallets: [], fault: toCodedError(thrown) };
  }
}

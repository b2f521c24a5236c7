import { join } from 'node:path';
import { sha256Hex } from '../../src-node/sha256.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { COLDKEY, HOTKEY } from '../vault/key-names.ts';
import { openVault, type Vault } from '../vault/vault.ts';

/** The keys of one run: the hotkey that works, and the coldkey where it is at hand. */
export interface RunKeys {
  readonly vault: Vault;
  readonly hotkey: Ss58;
  /** null: not on this computer; nothing can be paid then. */
  readonly coldkey: Ss58 | null;
}

/** Names that are folder names on every system. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Where our own keys for a network lie. Its name is typed by somebody: one with a slash in it must lead nowhere else. */
export const ownKeysDir = (dataDir: string, networkName: string): string =>
  join(dataDir, 'keys', PLAIN_NAME.test(networkName) ? networkName : sha256Hex(networkName).slice(0, 16));

/** Makes (or finds) both keys in a folder of our own. @throws {AppError} KEY_FILE_CORRUPT */
export async function makeKeys(dir: string): Promise<RunKeys & { readonly coldkey: Ss58 }> {
  const vault = await openVault({ dir });
  const hotkey = await vault.ensureHotkey(HOTKEY);
  return { vault, hotkey, coldkey: await vault.ensurePracticeColdkey(COLDKEY) };
}

/** The keys that somebody else put into a folder. @throws {AppError} KEYS_FOLDER_WITHOUT_KEYS, KEY_FILE_CORRUPT */
export async function findKeys(dir: string): Promise<RunKeys> {
  const vault = await openVault({ dir });
  const hotkey = await vault.openHotkey(HOTKEY);
  if (!hotkey) throw new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: dir });
  return { vault, hotkey, coldkey: await vault.openPracticeColdkey(COLDKEY) };
}

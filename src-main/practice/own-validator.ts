import { join } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { HOTKEY } from '../vault/key-names.ts';
import { createSecretFile, readSecretFile } from '../vault/secret-file.ts';
import { openVault } from '../vault/vault.ts';
import { OWN_COLDKEY_FILE } from '../vault/wallets/layout.ts';
import { keysDirOf, OWN_MINER } from './practice-keys.ts';

const OWN_VALIDATOR = 'own-validator';

const dirOf = (folder: string): string => keysDirOf(join(folder, OWN_VALIDATOR));

/** The hotkey of an own validator that was there before; null where none was. @throws {AppError} of a key file */
export const ownValidatorBefore = (folder: string): Promise<Ss58 | null> =>
  openVault({ dir: dirOf(folder) }).openHotkey(HOTKEY, null);

/**
 * Keys for a validator of the user's own in a practice, made where there are none: a hotkey of its own, and the coldkey
 * of the practice's wallet, which pays for its place and its stake.
 * @param folder the practice's
 * @returns where they lie
 * @throws {AppError} KEYS_FOLDER_WITHOUT_KEYS where the practice has no wallet, of a key file, or of the disk
 */
export async function ownValidatorKeys(folder: string): Promise<string> {
  const dir = dirOf(folder);
  const wallet = join(keysDirOf(join(folder, OWN_MINER)), OWN_COLDKEY_FILE);
  const coldkey = await readSecretFile(wallet);
  if (coldkey === null) throw new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: wallet });
  await createSecretFile(join(dir, OWN_COLDKEY_FILE), coldkey);
  await openVault({ dir }).ensureHotkey(HOTKEY);
  return dir;
}

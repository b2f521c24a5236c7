import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256Hex } from '../../src-node/sha256.ts';
import type { ColdkeyFile } from '../../src-shared/contract/page/join.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { COLDKEY, HOTKEY } from '../vault/key-names.ts';
import { openVault, type Vault } from '../vault/vault.ts';
import { HOTKEYS_FOLDER } from '../vault/wallets/layout.ts';

/** The keys of one run: the hotkey that works, and the coldkey where it is at hand. */
export interface RunKeys {
  readonly vault: Vault;
  readonly hotkey: Ss58;
  /** null: not on this computer; nothing can be paid then. */
  readonly coldkey: Ss58 | null;
}

export interface FoundKeys extends RunKeys {
  /** Of the wallet. */
  readonly folder: string;
  readonly coldkeyFile: ColdkeyFile;
}

/** Names that are folder names on every system. */
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Below the data folder; in it lies a folder for each network. */
export const OWN_KEYS_FOLDER = 'keys';

/** Where our own keys for a network lie. Its name is typed by somebody: one with a slash in it must lead nowhere else. */
export const ownKeysDir = (dataDir: string, networkName: string): string =>
  join(
    dataDir,
    OWN_KEYS_FOLDER,
    PLAIN_NAME.test(networkName) ? networkName : sha256Hex(networkName).slice(0, 16),
  );

/** Makes (or finds) both keys in a folder of our own. @throws {AppError} of a key file, or of the disk */
export async function makeKeys(dir: string): Promise<RunKeys & { readonly coldkey: Ss58 }> {
  const vault = openVault({ dir });
  const hotkey = await vault.ensureHotkey(HOTKEY);
  return { vault, hotkey, coldkey: await vault.ensurePracticeColdkey(COLDKEY) };
}

/**
 * The keys in a wallet's folder, or of the one hotkey whose file is named. Looking writes nothing.
 * @throws {AppError} KEYS_FOLDER_WITHOUT_KEYS, HOTKEYS_SEVERAL, or of a key file
 */
export async function findKeys(place: string): Promise<FoundKeys> {
  const named = await isHotkeyFile(place);
  const folder = named ? dirname(dirname(place)) : place;
  const vault = openVault({ dir: folder });
  const hotkey = await vault.openHotkey(HOTKEY, named ? place : null);
  if (!hotkey) throw new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: place });
  const coldkey = await vault.openPracticeColdkey(COLDKEY);
  const otherwise = (await vault.hasLockedColdkey()) ? 'locked' : 'absent';
  return { vault, folder, hotkey, coldkey, coldkeyFile: coldkey ? 'open' : otherwise };
}

/** Nowhere but among hotkeys: a coldkey without a password looks the same inside. */
async function isHotkeyFile(place: string): Promise<boolean> {
  if (basename(dirname(place)) !== HOTKEYS_FOLDER) return false;
  return stat(place).then(
    (found) => found.isFile(),
    () => false,
  );
}

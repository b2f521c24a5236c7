import { join } from 'node:path';
import type { Ss58 } from '../../../src-shared/units.ts';
import { PUBLIC_ENDING } from '../../../src-shared/wallet-name.ts';
import { makeLocked } from '../locked/lock.ts';
import { COLDKEY_FILE, COLDKEY_PUBLIC_FILE, DEFAULT_NAME, HOTKEYS_FOLDER } from './layout.ts';
import { newWalletPath, placeWallet } from './place-wallet.ts';

export { newWalletPath } from './place-wallet.ts';

export interface NewWallet {
  readonly name: string;
  /** Of the coldkey, as `plainBackup` has it: what the user has it again from, and nothing else. */
  readonly backup: string;
  /** UTF-8, exactly as it was typed. */
  readonly password: Uint8Array;
}

/**
 * A coldkey under its password and a hotkey that works without one, in the layout that the tools of this field read. The
 * folder gets its name when all of it lies on the disk; a wallet of that name is left as it is.
 * @param root folder of all wallets; made where there is none
 * @throws {AppError} WALLET_NAME_INVALID, WALLET_EXISTS, TIMEOUT, CANCELLED, or of the disk
 */
export async function createWallet(
  root: string,
  { name, backup, password }: NewWallet,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly coldkey: Ss58; readonly hotkey: Ss58 }> {
  // Whoever comes while the password becomes a key is met at the end.
  const path = await newWalletPath(root, name);
  const { coldkey, hotkey } = await makeLocked(backup, password, signal);
  const hotkeyPath = join(HOTKEYS_FOLDER, DEFAULT_NAME);
  await placeWallet(root, name, [
    { path: hotkeyPath, content: hotkey.secret },
    { path: `${hotkeyPath}${PUBLIC_ENDING}`, content: hotkey.public },
    { path: COLDKEY_PUBLIC_FILE, content: coldkey.public },
    { path: COLDKEY_FILE, content: coldkey.sealed },
  ]);
  return { path, coldkey: coldkey.address, hotkey: hotkey.address };
}

import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../../../src-node/disk-error.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { isWalletName, PUBLIC_ENDING } from '../../../src-shared/wallet-name.ts';
import { accountText, newPhrase } from '../account-text.ts';
import { sealLocked } from '../locked/lock.ts';
import { createSecretFile } from '../secret-file.ts';
import { COLDKEY_FILE, COLDKEY_PUBLIC_FILE, DEFAULT_NAME, HOTKEYS_FOLDER } from './layout.ts';

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
  const [coldkey, hotkey] = [accountText(backup), accountText(newPhrase(12))];
  const sealed = await sealLocked(new TextEncoder().encode(coldkey.secret.trimEnd()), password, signal);
  await mkdir(root, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw diskError(thrown, root);
  });
  // Hidden, so that nobody takes a half of it for a wallet.
  const draft = await mkdtemp(join(root, '.new-'));
  try {
    const hotkeyPath = join(draft, HOTKEYS_FOLDER, DEFAULT_NAME);
    await createSecretFile(hotkeyPath, hotkey.secret);
    await createSecretFile(`${hotkeyPath}${PUBLIC_ENDING}`, hotkey.public);
    await createSecretFile(join(draft, COLDKEY_PUBLIC_FILE), coldkey.public);
    await createSecretFile(join(draft, COLDKEY_FILE), sealed);
    await giveName(draft, path, name);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { path, coldkey: coldkey.address, hotkey: hotkey.address };
}

/**
 * Where a wallet of that name would lie: looked at before a person is asked for anything.
 * @throws {AppError} WALLET_NAME_INVALID, WALLET_EXISTS
 */
export async function newWalletPath(root: string, name: string): Promise<string> {
  if (!isWalletName(name)) throw new AppError('WALLET_NAME_INVALID', { name });
  const path = join(root, name);
  if (await holdsAnything(path)) throw new AppError('WALLET_EXISTS', { name, path });
  return path;
}

const holdsAnything = (path: string): Promise<boolean> =>
  readdir(path).then(
    (names) => names.length > 0,
    (thrown: NodeJS.ErrnoException) => thrown.code !== 'ENOENT',
  );

/** A folder that holds anything is not replaced: the system itself refuses that. */
async function giveName(draft: string, path: string, name: string): Promise<void> {
  try {
    await rename(draft, path);
  } catch (thrown) {
    const { code = '' } = thrown as NodeJS.ErrnoException;
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOTDIR'].includes(code))
      throw new AppError('WALLET_EXISTS', { name, path });
    throw diskError(thrown, path);
  }
}

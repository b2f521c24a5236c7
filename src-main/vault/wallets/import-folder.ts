import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { PUBLIC_ENDING } from '../../../src-shared/wallet-name.ts';
import { publicText } from '../account-text.ts';
import { lookAtWallets, openLocked } from '../locked/lock.ts';
import type { KeyPair } from '../private-key.ts';
import { readKeyBytes } from '../secret-file.ts';
import { COLDKEY_FILE, COLDKEY_PUBLIC_FILE, HOTKEYS_FOLDER } from './layout.ts';
import { placeWallet, type WalletFile } from './place-wallet.ts';
import type { FoundKey, FoundWallet } from './read-wallets.ts';

export interface ImportedFolder {
  readonly path: string;
  /** null: nothing says the coldkey's address, and it was not opened. */
  readonly coldkey: Ss58 | null;
  readonly hotkeys: readonly string[];
}

/**
 * What lies in a wallet's folder elsewhere, before anything is copied: a wallet without fault.
 * @throws {AppError} WALLET_FOLDER_EMPTY, what is wrong with one of its files, TIMEOUT, CANCELLED
 */
export async function lookAtFolder(folder: string, signal: AbortSignal): Promise<FoundWallet> {
  const [look] = await lookAtWallets([{ kind: 'wallet', folder }], signal);
  if (look?.fault) throw new AppError(look.fault.code, look.fault.params);
  const wallet = look?.wallets[0];
  if (!wallet) throw new AppError('WALLET_FOLDER_EMPTY', { path: folder });
  const fault = [wallet.coldkey, ...wallet.hotkeys].find((key) => key.fault)?.fault;
  if (fault) throw new AppError(fault.code, fault.params);
  return wallet;
}

/**
 * Copies a wallet of elsewhere, file by file and as its files are, into the folder of all wallets; nothing is
 * overwritten. Everything that its files say of an account is derived again before.
 * @param password of its coldkey, which shows that the copy will open; null: not asked for, or it has none
 * @throws {AppError} as `lookAtFolder` and `placeWallet`; KEY_PASSWORD_WRONG, KEY_FILE_CONTRADICTS
 */
export async function importFolder(
  root: string,
  {
    name,
    from,
    password,
  }: { readonly name: string; readonly from: string; readonly password: Uint8Array | null },
  signal: AbortSignal,
): Promise<ImportedFolder> {
  const wallet = await lookAtFolder(from, signal);
  const coldkey = await coldkeyFiles(wallet, password, signal);
  const hotkeys = await Promise.all(wallet.hotkeys.map(hotkeyFiles));
  const path = await placeWallet(root, name, [...coldkey.files, ...hotkeys.flat()]);
  return { path, coldkey: coldkey.address, hotkeys: wallet.hotkeys.map((hotkey) => hotkey.name) };
}

async function coldkeyFiles(
  { path, coldkey }: FoundWallet,
  password: Uint8Array | null,
  signal: AbortSignal,
): Promise<{ readonly files: readonly WalletFile[]; readonly address: Ss58 | null }> {
  const bytes = await readKeyBytes(coldkey.path);
  const opened =
    coldkey.kind === 'locked' && bytes && password
      ? addressIn(await openLocked(coldkey.path, bytes, password, signal))
      : coldkey.address;
  if (coldkey.address !== null && opened !== coldkey.address)
    throw new AppError('KEY_FILE_CONTRADICTS', {
      path: join(path, COLDKEY_PUBLIC_FILE),
      part: 'ss58Address',
    });
  return {
    files: [
      ...(bytes ? [{ path: COLDKEY_FILE, content: bytes }] : []),
      // Written anew: what it says was read and checked, and a locked coldkey may have had none.
      ...(opened ? [{ path: COLDKEY_PUBLIC_FILE, content: publicText(opened) }] : []),
    ],
    address: opened,
  };
}

/** The pair's secret is wiped: that it opens is all that was asked. */
function addressIn({ publicKey, secretKey }: KeyPair): Ss58 {
  secretKey.fill(0);
  return addressOf(publicKey);
}

async function hotkeyFiles({ name, path, address }: FoundKey): Promise<readonly WalletFile[]> {
  const bytes = await readKeyBytes(path);
  const at = join(HOTKEYS_FOLDER, name);
  return [
    ...(bytes ? [{ path: at, content: bytes }] : []),
    ...(address ? [{ path: `${at}${PUBLIC_ENDING}`, content: publicText(address) }] : []),
  ];
}

import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { PUBLIC_ENDING } from '../../../src-shared/wallet-name.ts';
import { publicText } from '../account-text.ts';
import { lookAtHeldFiles, lookAtWallets, openLocked } from '../locked/lock.ts';
import type { KeyPair } from '../private-key.ts';
import type { HeldFile } from './held-files.ts';
import { COLDKEY_FILE, COLDKEY_PUBLIC_FILE, HOTKEYS_FOLDER } from './layout.ts';
import { placeWallet, type WalletFile } from './place-wallet.ts';
import type { Look } from './read-places.ts';
import { type FoundKey, type FoundWallet, filesOnDisk, type WalletFiles } from './read-wallets.ts';

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
  return withoutFault(look ?? { wallets: [], fault: null }, folder);
}

/** The same of files that are held, which a folder of that name would have. @throws {AppError} as `lookAtFolder` */
export const lookAtHeldFolder = async (
  name: string,
  files: readonly HeldFile[],
  signal: AbortSignal,
): Promise<FoundWallet> => withoutFault(await lookAtHeldFiles(name, files, signal), name);

function withoutFault({ wallets, fault }: Look, path: string): FoundWallet {
  const wallet = wallets[0];
  const found = fault ?? [wallet?.coldkey, ...(wallet?.hotkeys ?? [])].find((key) => key?.fault)?.fault;
  if (found) throw new AppError(found.code, found.params);
  if (!wallet) throw new AppError('WALLET_FOLDER_EMPTY', { path });
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
  const coldkey = await coldkeyOfFolder(wallet, filesOnDisk, password, signal);
  return placeFolder(root, name, { wallet, files: filesOnDisk, coldkey });
}

/**
 * Whose coldkey that is: by its secret where its password is given, else as its files say it.
 * @throws {AppError} KEY_PASSWORD_WRONG, KEY_FILE_CONTRADICTS, and as `openLocked`
 */
export async function coldkeyOfFolder(
  { path, coldkey }: FoundWallet,
  files: WalletFiles,
  password: Uint8Array | null,
  signal: AbortSignal,
): Promise<Ss58 | null> {
  const bytes = coldkey.kind === 'locked' && password ? await files.read(coldkey.path) : null;
  if (!bytes || !password) return coldkey.address;
  const opened = addressIn(await openLocked(coldkey.path, bytes, password, signal));
  if (coldkey.address !== null && opened !== coldkey.address)
    throw new AppError('KEY_FILE_CONTRADICTS', {
      path: join(path, COLDKEY_PUBLIC_FILE),
      part: 'ss58Address',
    });
  return opened;
}

/**
 * Puts a wallet that was looked at into the folder of all wallets, its files as they are.
 * @param from.coldkey as `coldkeyOfFolder` found it
 * @throws {AppError} as `placeWallet`
 */
export async function placeFolder(
  root: string,
  name: string,
  {
    wallet,
    files,
    coldkey,
  }: { readonly wallet: FoundWallet; readonly files: WalletFiles; readonly coldkey: Ss58 | null },
): Promise<ImportedFolder> {
  const bytes = await files.read(wallet.coldkey.path);
  const hotkeys = await Promise.all(wallet.hotkeys.map((hotkey) => hotkeyFiles(hotkey, files)));
  const path = await placeWallet(root, name, [
    ...(bytes ? [{ path: COLDKEY_FILE, content: bytes }] : []),
    // Written anew: what it says was read and checked, and a locked coldkey may have had none.
    ...(coldkey ? [{ path: COLDKEY_PUBLIC_FILE, content: publicText(coldkey) }] : []),
    ...hotkeys.flat(),
  ]);
  return { path, coldkey, hotkeys: wallet.hotkeys.map((hotkey) => hotkey.name) };
}

/** The pair's secret is wiped: that it opens is all that was asked. */
function addressIn({ publicKey, secretKey }: KeyPair): Ss58 {
  secretKey.fill(0);
  return addressOf(publicKey);
}

async function hotkeyFiles(
  { name, path, address }: FoundKey,
  files: WalletFiles,
): Promise<readonly WalletFile[]> {
  const bytes = await files.read(path);
  const at = join(HOTKEYS_FOLDER, name);
  return [
    ...(bytes ? [{ path: at, content: bytes }] : []),
    ...(address ? [{ path: `${at}${PUBLIC_ENDING}`, content: publicText(address) }] : []),
  ];
}

import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../../../src-node/disk-error.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { isWalletName } from '../../../src-shared/wallet-name.ts';
import { createSecretFile } from '../secret-file.ts';

export interface WalletFile {
  /** In the wallet's folder. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/**
 * Puts a wallet into the folder of all wallets, which is made where there is none. It gets its name when all of it lies
 * on the disk; a wallet of that name is left as it is.
 * @returns its folder
 * @throws {AppError} WALLET_NAME_INVALID, WALLET_EXISTS, or of the disk
 */
export async function placeWallet(root: string, name: string, files: readonly WalletFile[]): Promise<string> {
  const path = await newWalletPath(root, name);
  await mkdir(root, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    throw diskError(thrown, root);
  });
  // Hidden, so that nobody takes a half of it for a wallet.
  const draft = await mkdtemp(join(root, '.new-')).catch((thrown: unknown) => {
    throw diskError(thrown, root);
  });
  try {
    for (const { path: at, content } of files) await createSecretFile(join(draft, at), content);
    await giveName(draft, path, name);
    return path;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
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

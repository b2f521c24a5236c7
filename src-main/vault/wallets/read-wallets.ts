import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeAddress } from '@polkadot/util-crypto';
import { readError } from '../../../src-node/disk-error.ts';
import { type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { type Ss58, ss58 } from '../../../src-shared/units.ts';
import { PUBLIC_ENDING } from '../../../src-shared/wallet-name.ts';
import { parseKeyFile, parsePublicFile, SS58_PREFIX } from '../key-file.ts';
import { HOTKEYS_MAX, WALLETS_MAX } from '../limits.ts';
import { type LockFormat, lockFormatOf } from '../locked/format.ts';
import { readKeyBytes } from '../secret-file.ts';
import { backedUpAt } from './backup-note.ts';
import { COLDKEY_FILE, COLDKEY_PUBLIC_FILE, HOTKEYS_FOLDER, OWN_COLDKEY_FILE } from './layout.ts';

/** One key of a wallet, as its files show it without a password. */
export interface FoundKey {
  readonly name: string;
  /** Of the file with its secret; where that is absent it lies on another computer. */
  readonly path: string;
  readonly kind: 'open' | 'locked' | 'absent' | 'broken';
  /** How it is locked; null where it is not. */
  readonly lock: LockFormat | null;
  /** null where neither file says it. */
  readonly address: Ss58 | null;
  /** Why a file of it cannot be used; the other one may be. */
  readonly fault: CodedError | null;
}

export interface FoundWallet {
  readonly name: string;
  readonly path: string;
  readonly coldkey: FoundKey;
  readonly hotkeys: readonly FoundKey[];
  /** When somebody proved to have the backup of this very coldkey; null where nobody did. */
  readonly backedUpAtMs: number | null;
}

/**
 * All wallets in a folder, by name. A file that is damaged is told with its key and hides no other. Looking writes
 * nothing.
 * @throws {AppError} FILE_UNREADABLE for the folder itself; one that is not there holds none
 */
export async function readWallets(root: string): Promise<readonly FoundWallet[]> {
  const folders = (await entriesOf(root)).filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
  const found: FoundWallet[] = [];
  for (const { name } of folders.slice(0, WALLETS_MAX)) {
    const wallet = await readWallet(join(root, name), name);
    if (!holdsNothing(wallet)) found.push(wallet);
  }
  return found;
}

/** Such a folder is no wallet. One with hotkeys alone is: that is how a rig is set up whose money lies elsewhere. */
export const holdsNothing = ({ coldkey, hotkeys }: FoundWallet): boolean =>
  isNowhere(coldkey) && hotkeys.length === 0;

const isNowhere = ({ kind, address, fault }: FoundKey): boolean => kind === 'absent' && !address && !fault;

/** Where the files of one wallet are had from. */
export interface WalletFiles {
  /** null: there is no such file. @throws {AppError} KEY_FILE_CORRUPT, FILE_UNREADABLE */
  read(path: string): Promise<Buffer | null>;
  /** Names of the files in its folder of hotkeys. */
  hotkeyFiles(folder: string): Promise<readonly string[]>;
}

export const filesOnDisk: WalletFiles = {
  read: readKeyBytes,
  async hotkeyFiles(folder) {
    const entries = await entriesOf(folder).catch(() => []);
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  },
};

/** The wallet in one folder, or the keys that Butterfly made itself there. */
export async function readWallet(path: string, name: string): Promise<FoundWallet> {
  const keys = await readKeys(path, filesOnDisk);
  return { name, path, ...keys, backedUpAtMs: await backedUpAt(path, keys.coldkey.address) };
}

/** The keys of a wallet in a folder, whose files lie on the disk or are only held. */
export async function readKeys(
  path: string,
  files: WalletFiles,
): Promise<Pick<FoundWallet, 'coldkey' | 'hotkeys'>> {
  const publicPath = join(path, COLDKEY_PUBLIC_FILE);
  const wallets = await readKey(files, 'coldkey', join(path, COLDKEY_FILE), publicPath);
  const coldkey = isNowhere(wallets)
    ? await readKey(files, 'coldkey', join(path, OWN_COLDKEY_FILE), publicPath)
    : wallets;
  const folder = join(path, HOTKEYS_FOLDER);
  const names = new Set(
    (await files.hotkeyFiles(folder)).map((name) =>
      name.endsWith(PUBLIC_ENDING) ? name.slice(0, -PUBLIC_ENDING.length) : name,
    ),
  );
  const hotkeys: FoundKey[] = [];
  for (const each of [...names].slice(0, HOTKEYS_MAX))
    hotkeys.push(await readKey(files, each, join(folder, each), join(folder, `${each}${PUBLIC_ENDING}`)));
  return { coldkey, hotkeys };
}

async function readKey(
  files: WalletFiles,
  name: string,
  path: string,
  publicPath: string,
): Promise<FoundKey> {
  const named = await openAddress(files, publicPath);
  const key = { name, path, lock: null, address: named.address, fault: named.fault };
  try {
    const bytes = await files.read(path);
    if (bytes === null) return { ...key, kind: 'absent' };
    const lock = lockFormatOf(bytes);
    if (lock) return { ...key, kind: 'locked', lock };
    const pair = parseKeyFile(path, bytes.toString('utf8'));
    pair.secretKey.fill(0);
    // Its own file is the word; a public one that says otherwise is told as at fault.
    const address = ss58(encodeAddress(pair.publicKey, SS58_PREFIX));
    const isOther = named.address !== null && named.address !== address;
    const params = { path: publicPath, part: 'ss58Address' };
    return {
      ...key,
      kind: 'open',
      address,
      fault: isOther ? { code: 'KEY_FILE_CONTRADICTS', params } : key.fault,
    };
  } catch (thrown) {
    return { ...key, kind: 'broken', fault: toCodedError(thrown) };
  }
}

async function openAddress(
  files: WalletFiles,
  path: string,
): Promise<{ address: Ss58 | null; fault: CodedError | null }> {
  try {
    const text = (await files.read(path))?.toString('utf8') ?? null;
    return { address: text === null ? null : parsePublicFile(path, text), fault: null };
  } catch (thrown) {
    return { address: null, fault: toCodedError(thrown) };
  }
}

/** By name, hidden ones left out. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '')) return [];
    throw readError(thrown, folder);
  }
}

import { isWalletName, PUBLIC_ENDING } from './wallet-name.ts';

/** An export of one account is a thousand bytes, a key file half of that; all of a folder fits one message. */
export const BROUGHT_BYTES_MAX = 262_144;
/** Of one wallet: its coldkey, and a hundred hotkeys with their public files. */
export const BROUGHT_FILES_MAX = 202;
export const BROUGHT_PATH_CHARS = 255;

const COLDKEY_FILES = new Set(['coldkey', 'coldkeypub.txt']);
const HOTKEYS = 'hotkeys/';

/** Whether a path below a wallet's folder is that of a file which makes a wallet. */
export function isWalletFile(path: string): boolean {
  if (COLDKEY_FILES.has(path)) return true;
  if (!path.startsWith(HOTKEYS)) return false;
  const name = path.slice(HOTKEYS.length);
  return isWalletName(name.endsWith(PUBLIC_ENDING) ? name.slice(0, -PUBLIC_ENDING.length) : name);
}

export interface FoundFolder<File> {
  /** As its own folder is called. */
  readonly name: string;
  /** By their paths below it. */
  readonly files: readonly { readonly path: string; readonly file: File }[];
}

/** The wallets in a folder that somebody picked: the folder itself, or folders in it, however deep. By name. */
export function walletFolders<File>(
  picked: readonly { readonly path: string; readonly file: File }[],
): readonly FoundFolder<File>[] {
  const folders = new Map<string, { path: string; file: File }[]>();
  for (const { path, file } of picked) {
    const parts = path.split('/');
    const depth = parts.at(-2) === 'hotkeys' ? 2 : 1;
    const [folder, below] = [parts.slice(0, -depth).join('/'), parts.slice(-depth).join('/')];
    if (!isWalletFile(below)) continue;
    folders.set(folder, [...(folders.get(folder) ?? []), { path: below, file }]);
  }
  return [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folder, files]) => ({ name: nameOf(folder, files), files }));
}

/** Files that were picked without a wallet's folder around them (the hotkeys alone, or loose ones) name it themselves. */
const nameOf = (folder: string, files: readonly { readonly path: string }[]): string =>
  folder.slice(folder.lastIndexOf('/') + 1) || (files[0]?.path.split('/')[0] ?? '');

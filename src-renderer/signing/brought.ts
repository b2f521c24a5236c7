import {
  BROUGHT_BYTES_MAX,
  BROUGHT_FILES_MAX,
  type FoundFolder,
  walletFolders,
} from '../../src-shared/brought.ts';
import type { BroughtOrder } from '../../src-shared/contract/signing.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/** A file that was picked or dropped, with its path below what was picked. */
export interface Picked {
  readonly path: string;
  readonly file: File;
}

/** Entries looked at in a folder that is dropped: more is no folder of wallets. */
const ENTRIES_MAX = 5_000;
const DEPTH_MAX = 4;

/** What was picked, before a byte of it is read: one file, or the wallets in a folder. */
export type Choice =
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'folders'; readonly folders: readonly FoundFolder<File>[] };

/** @throws {AppError} WALLET_FOLDER_EMPTY */
export function choiceOf(picked: readonly Picked[]): Choice {
  const [first] = picked;
  if (first && picked.length === 1 && !first.path.includes('/')) return { kind: 'file', file: first.file };
  const folders = walletFolders(picked);
  if (folders.length === 0)
    throw new AppError('WALLET_FOLDER_EMPTY', { path: first?.path.split('/')[0] ?? '' });
  return { kind: 'folders', folders };
}

/** Reads one file, once its size allows it. @throws {AppError} KEY_FILE_TOO_LONG, FILE_UNREADABLE */
export const orderOfFile = (file: File): Promise<BroughtOrder> =>
  read('file', file.name, [{ path: file.name, file }]);

/** Reads the files of one wallet. @throws {AppError} as `orderOfFile` */
export const orderOfFolder = ({ name, files }: FoundFolder<File>): Promise<BroughtOrder> =>
  read('folder', name, files);

async function read(
  kind: BroughtOrder['kind'],
  name: string,
  picked: readonly Picked[],
): Promise<BroughtOrder> {
  const sizeBytes = picked.reduce((sum, { file }) => sum + file.size, 0);
  if (sizeBytes > BROUGHT_BYTES_MAX || picked.length > BROUGHT_FILES_MAX)
    throw new AppError('KEY_FILE_TOO_LONG', { path: name, most: BROUGHT_BYTES_MAX / 1_024 });
  try {
    const files = await Promise.all(
      picked.map(async ({ path, file }) => ({ path, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    return { kind, name, files };
  } catch {
    throw new AppError('FILE_UNREADABLE', { path: name });
  }
}

/** What a file dialog gave: paths are there where a folder was chosen. */
export const pickedIn = (input: HTMLInputElement): Picked[] =>
  [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** What was dropped: a file, or all of a folder, looked through only so far. To be called while it is dropped. */
export async function dropped(transfer: DataTransfer): Promise<Picked[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  const found: Picked[] = [];
  for (const entry of entries) await collect(entry, entry.name, DEPTH_MAX, found);
  return found;
}

async function collect(entry: FileSystemEntry, path: string, depth: number, found: Picked[]): Promise<void> {
  if (found.length >= ENTRIES_MAX) return;
  if (entry instanceof FileSystemFileEntry) {
    found.push({ path, file: await new Promise<File>((resolve, reject) => entry.file(resolve, reject)) });
  } else if (entry instanceof FileSystemDirectoryEntry && depth > 0) {
    const reader = entry.createReader();
    // Its answers come in parts; the last one is empty.
    for (let part = await entriesOf(reader); part.length > 0; part = await entriesOf(reader))
      for (const each of part) await collect(each, `${path}/${each.name}`, depth - 1, found);
  }
}

const entriesOf = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject));

import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { HOTKEYS_MAX, WALLETS_MAX } from '../limits.ts';
import {
  BACKUP_NOTE_FILE,
  COLDKEY_FILE,
  COLDKEY_PUBLIC_FILE,
  HOTKEYS_FOLDER,
  OWN_COLDKEY_FILE,
} from './layout.ts';
import { type FoundWallet, holdsNothing, readWallet, readWallets } from './read-wallets.ts';

/** A folder in which wallets are looked for: one with a folder for each, or that of one wallet. */
export interface WalletPlace {
  readonly kind: 'wallets' | 'wallet';
  readonly folder: string;
}

/** What was found there. */
export interface Look {
  readonly wallets: readonly FoundWallet[];
  /** Why the folder itself could not be read. */
  readonly fault: CodedError | null;
}

/** One place that cannot be read hides no other. */
export const readPlaces = (places: readonly WalletPlace[]): Promise<Look[]> =>
  Promise.all(places.map(readPlace));

async function readPlace({ kind, folder }: WalletPlace): Promise<Look> {
  try {
    if (kind === 'wallets') return { wallets: await readWallets(folder), fault: null };
    const wallet = await readWallet(folder, basename(folder));
    return { wallets: holdsNothing(wallet) ? [] : [wallet], fault: null };
  } catch (thrown) {
    return { wallets: [], fault: toCodedError(thrown) };
  }
}

/**
 * A text that is another one when any file of a wallet there is: by sizes and times alone, so that nobody derives keys
 * to learn that nothing has changed. '' where there is nothing.
 */
export async function traceOf({ kind, folder }: WalletPlace): Promise<string> {
  if (kind === 'wallet') return traceOfWallet(folder);
  const { names, trace } = await namesIn(folder);
  const traces: string[] = [];
  for (const name of names.slice(0, WALLETS_MAX)) traces.push(await traceOfWallet(join(folder, name)));
  return [trace, ...traces].filter((one) => one !== '').join('\n');
}

const FILES = [COLDKEY_FILE, COLDKEY_PUBLIC_FILE, OWN_COLDKEY_FILE, BACKUP_NOTE_FILE];

async function traceOfWallet(folder: string): Promise<string> {
  const { names, trace } = await namesIn(join(folder, HOTKEYS_FOLDER));
  const hotkeys = names.slice(0, 2 * HOTKEYS_MAX).map((name) => join(HOTKEYS_FOLDER, name));
  const paths = [...FILES, ...hotkeys].map((name) => join(folder, name));
  const traces = trace === '' ? [] : [trace];
  for (const path of paths) {
    const found = await stat(path).catch((thrown: NodeJS.ErrnoException) => thrown.code ?? 'unknown');
    if (typeof found !== 'string')
      traces.push([path, found.ino, found.size, found.mtimeMs, found.mode].join(' '));
    else if (found !== 'ENOENT' && found !== 'ENOTDIR') traces.push(`${path} ${found}`);
  }
  return traces.join('\n');
}

/** None where there is no folder. One that may not be read is a trace of its own. */
async function namesIn(folder: string): Promise<{ names: readonly string[]; trace: string }> {
  try {
    const names = await readdir(folder);
    return { names: names.filter((name) => !name.startsWith('.')).sort(), trace: '' };
  } catch (thrown) {
    const { code = 'unknown' } = thrown as NodeJS.ErrnoException;
    return { names: [], trace: code === 'ENOENT' || code === 'ENOTDIR' ? '' : `${folder} ${code}` };
  }
}

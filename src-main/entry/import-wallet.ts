import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isWalletName } from '../../src-shared/wallet-name.ts';
import { openBrought } from '../vault/locked/lock.ts';
import { readBrought } from '../vault/wallets/import-file.ts';
import { importFolder, lookAtFolder } from '../vault/wallets/import-folder.ts';
import { DEFAULT_NAME } from '../vault/wallets/layout.ts';
import { newWalletPath } from '../vault/wallets/place-wallet.ts';
import type { FoundWallet } from '../vault/wallets/read-wallets.ts';
import { behindPassword } from './behind-password.ts';
import type { Conversation } from './conversation.ts';
import { lockedWallet } from './new-wallet.ts';

export interface WantedImport {
  readonly root: string;
  /** A wallet's folder, or a file with an account in it. */
  readonly from: string;
  /** null: as its folder is called, or as wallets are called where nothing else is said. */
  readonly name: string | null;
}

/**
 * Brings a wallet in from elsewhere, with the person at the terminal; where it comes from is left as it is.
 * @throws {AppError} as `importFolder`, `readBrought` and `openBrought`; CANCELLED
 */
export async function importWallet(
  { root, from, name }: WantedImport,
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  const isFolder = await stat(from).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const ownName = isFolder && isWalletName(basename(from)) ? basename(from) : DEFAULT_NAME;
  const wanted = { root, from, name: name ?? ownName };
  await newWalletPath(root, wanted.name);
  await (isFolder ? bringFolder(wanted, talk, signal) : bringFile(wanted, talk, signal));
}

interface Wanted extends WantedImport {
  readonly name: string;
}

async function bringFolder(wanted: Wanted, talk: Conversation, signal: AbortSignal): Promise<void> {
  const found = await lookAtFolder(wanted.from, signal);
  const bring = (password: Uint8Array | null) => importFolder(wanted.root, { ...wanted, password }, signal);
  const { path, coldkey, hotkeys } =
    found.coldkey.kind === 'locked'
      ? await behindPassword(
          'Its password, which is tried and stays as it is (nothing is shown while you type):',
          bring,
          talk,
        )
      : await bring(null);
  talk.say(`The wallet “${wanted.name}” was copied to ${path}, with ${hotkeys.length} hotkeys.`);
  talk.say(coldkeyWords(found, coldkey));
}

function coldkeyWords({ coldkey: { kind } }: FoundWallet, address: string | null): string {
  if (kind === 'absent') return `Its coldkey is not on this computer${address ? `: ${address}` : ''}.`;
  const lies = kind === 'open' ? ' It has no password: whoever reads its file has the money.' : '';
  return `Its address: ${address}.${lies}`;
}

async function bringFile(wanted: Wanted, talk: Conversation, signal: AbortSignal): Promise<void> {
  const file = await readBrought(wanted.from);
  const read = (password: Uint8Array) => openBrought(file.path, file.bytes, password, signal);
  await lockedWallet(wanted, talk, signal, async () => {
    const { text, address } = file.isLocked
      ? await behindPassword('The password of the file that you bring:', read, talk)
      : await read(new Uint8Array());
    talk.say(`In it is the account ${address} (sr25519).`);
    await talk.ask('Press Enter if that is your address, or Ctrl+C to leave: nothing has been written yet.');
    return text;
  });
}

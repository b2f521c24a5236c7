import { join } from 'node:path';
import { writtenBackup } from '../vault/phrase.ts';
import { noteBackup } from '../vault/wallets/backup-note.ts';
import { openedBackup } from '../wallet/set-up/opened-backup.ts';
import type { Conversation } from './conversation.ts';
import { backUp } from './new-wallet.ts';

/**
 * Shows the words of a wallet once more, for its password, until the person has proved to have them on paper.
 * @throws {AppError} KEY_FILE_ABSENT, KEY_PASSWORD_WRONG, KEY_WITHOUT_WORDS, CANCELLED, or of the disk
 */
export async function backUpWallet(
  { root, name }: { readonly root: string; readonly name: string },
  talk: Conversation,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(root, name);
  const password = await talk.askHidden(`Password of the coldkey of “${name}” (nothing is shown):`);
  try {
    talk.say('The password becomes a key. That takes some seconds.');
    const { text, address } = await openedBackup(folder, password, signal);
    await backUp(writtenBackup(text), talk);
    await noteBackup(folder, address, Date.now());
    talk.say(`You have them on paper. The address, for whatever is sent to it: ${address}`);
  } finally {
    password.fill(0);
  }
}

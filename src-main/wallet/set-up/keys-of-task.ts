import type { WalletMade, WalletSecret, WalletTask } from '../../../src-shared/contract/signing.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { isLongEnough, PASSWORD_CHARS_MIN } from '../../../src-shared/password.ts';
import { newPhrase } from '../../vault/account-text.ts';
import { plainBackup, writtenBackup } from '../../vault/phrase.ts';
import { createWallet } from '../../vault/wallets/create-wallet.ts';
import type { Brought } from './brought.ts';
import { openedBackup } from './opened-backup.ts';

export interface KeysFrom {
  readonly task: WalletTask;
  /** Folder of the wallets that it goes into. */
  readonly root: string;
  readonly brought: Brought | null;
}

export interface Keys {
  /** null: whoever brought it has them, or nobody. */
  readonly words: readonly string[] | null;
  readonly made: WalletMade;
}

/**
 * Makes the wallet of a task, keeps the one that was brought, or opens the one that is there. Passwords are not kept.
 * @throws {AppError} PASSWORD_TOO_SHORT, BACKUP_WORD, BACKUP_INVALID, WALLET_EXISTS; as `openedBackup` and `Brought.keep`
 */
export async function keysOfTask(
  { task, root, brought }: KeysFrom,
  secret: WalletSecret,
  signal: AbortSignal,
): Promise<Keys> {
  const { kind, name, folder } = task;
  const { password } = secret;
  if (kind === 'backup') {
    const { text, address } = await openedBackup(folder, password, signal);
    return { words: writtenBackup(text), made: { coldkey: address, hotkey: null, backedUpAtMs: null } };
  }
  if (kind === 'import') {
    if (!brought) throw new AppError('NOT_NOW', { what: 'This', state: 'not brought' });
    const kept = await brought.keep({ root, name, password }, signal);
    return { words: null, made: { ...kept, backedUpAtMs: null } };
  }
  if (!isLongEnough(password)) throw new AppError('PASSWORD_TOO_SHORT', { least: PASSWORD_CHARS_MIN });
  if (kind === 'restore' && !secret.backup) throw new AppError('BACKUP_INVALID');
  const backup = kind === 'make' ? newPhrase(task.words) : backupOf(secret.backup ?? new Uint8Array());
  const { coldkey, hotkey } = await createWallet(root, { name, backup, password }, signal).catch(asTyped);
  return { words: writtenBackup(backup), made: { coldkey, hotkey, backedUpAtMs: null } };
}

/** Words, a seed or a private key as they were typed. */
export const backupOf = (typed: Uint8Array): string => plainBackup(new TextDecoder().decode(typed));

/** Words that were typed lie in no file. @throws {AppError} */
export function asTyped(thrown: unknown): never {
  if (thrown instanceof AppError && thrown.code === 'KEY_PHRASE_WORD')
    throw new AppError('BACKUP_WORD', { word: thrown.params.word ?? '?' });
  if (thrown instanceof AppError && thrown.code === 'KEY_PHRASE_INVALID')
    throw new AppError('BACKUP_INVALID');
  throw thrown;
}

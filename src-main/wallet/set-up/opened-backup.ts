import { join } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { FoundBackup } from '../../vault/locked/answer-lock.ts';
import { backupInLocked } from '../../vault/locked/lock.ts';
import { readKeyBytes } from '../../vault/secret-file.ts';
import { COLDKEY_FILE } from '../../vault/wallets/layout.ts';

/**
 * What the coldkey of a wallet is had again from: its words, or its seed.
 * @throws {AppError} KEY_FILE_ABSENT, KEY_PASSWORD_WRONG, KEY_WITHOUT_WORDS, or of the file
 */
export async function openedBackup(
  folder: string,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<FoundBackup> {
  const path = join(folder, COLDKEY_FILE);
  const file = await readKeyBytes(path);
  if (file === null) throw new AppError('KEY_FILE_ABSENT', { path });
  return backupInLocked(path, file, password, signal);
}

import { open } from 'node:fs/promises';
import * as v from 'valibot';
import { readError } from '../../../src-node/disk-error.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { privateKeyText } from '../account-text.ts';
import { parseKeyFile } from '../key-file.ts';
import { EXPORT_BYTES_MAX } from '../limits.ts';
import { lockFormatOf } from '../locked/format.ts';
import { isKeystore, isOpenKeystore, parseKeystore } from '../locked/keystore-form.ts';
import { openExported } from '../locked/lock.ts';
import { plainBackup } from '../phrase.ts';

/** A file that somebody brings an account in. */
export interface BroughtFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Whether it takes a password of its own to read it. */
  readonly isLocked: boolean;
}

/**
 * Reads a file that holds a coldkey: what another wallet exported, or a key file without a password.
 * @throws {AppError} KEY_FILE_LOCKED_ALONE for a locked key file, whose wallet's folder is to be imported; those of
 * `parseKeystore`; KEY_FILE_CORRUPT, KEY_FILE_ABSENT, or of the disk
 */
export async function readBrought(path: string): Promise<BroughtFile> {
  const bytes = await readBounded(path);
  if (lockFormatOf(bytes)) throw new AppError('KEY_FILE_LOCKED_ALONE', { path });
  if (isKeystore(bytes)) return { path, bytes, isLocked: !isOpenKeystore(parseKeystore(path, bytes)) };
  parseKeyFile(path, new TextDecoder().decode(bytes)).secretKey.fill(0);
  return { path, bytes, isLocked: false };
}

/**
 * What its account is made again from: see `plainBackup`. The words, where the file knows them.
 * @param password of the file, as it was typed; not looked at where it needs none
 * @throws {AppError} KEY_PASSWORD_WRONG, and as `readBrought`; TIMEOUT, CANCELLED
 */
export async function backupIn(
  { path, bytes }: BroughtFile,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const pair = isKeystore(bytes)
    ? await openExported(path, bytes, password, signal)
    : parseKeyFile(path, new TextDecoder().decode(bytes));
  try {
    return wordsIn(bytes) ?? privateKeyText(pair);
  } finally {
    pair.secretKey.fill(0);
  }
}

const wordsSchema = v.object({ secretPhrase: v.nullish(v.string()), secretSeed: v.nullish(v.string()) });

/** Of a key file, whose parts were compared by now; null where it has neither words nor a seed. */
function wordsIn(bytes: Uint8Array): string | null {
  const found = v.safeParse(wordsSchema, JSON.parse(new TextDecoder().decode(bytes)));
  const words = found.success ? found.output.secretPhrase || found.output.secretSeed : null;
  return words ? plainBackup(words) : null;
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') throw new AppError('KEY_FILE_ABSENT', { path });
    throw readError(thrown, path);
  });
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size === 0 || found.size > EXPORT_BYTES_MAX)
      throw new AppError('KEY_FILE_CORRUPT', { path });
    return await file.readFile();
  } finally {
    await file.close();
  }
}

import { open } from 'node:fs/promises';
import { readError } from '../../../src-node/disk-error.ts';
import { BROUGHT_BYTES_MAX } from '../../../src-shared/brought.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { lockFormatOf } from '../locked/format.ts';
import { isKeystore, isOpenKeystore, parseKeystore } from '../locked/keystore-form.ts';

/** A file that somebody brings an account in. */
export interface BroughtFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly kind: 'keystore' | 'key-file';
  /** Whether it takes a password of its own to read it. */
  readonly isLocked: boolean;
}

/** What stands in every file that is meant to hold an account, damaged or not. */
const MEANT = /"(?:encoded|encoding|accountId|publicKey|privateKey|secretPhrase|secretSeed|ss58Address)"/;

/**
 * What a file is by its outside; nothing of it is opened.
 * @param path for what is told of it
 * @throws {AppError} KEY_FILE_FOREIGN for what is no key, KEY_FILE_TOO_LONG, KEY_FILE_CORRUPT; those of `parseKeystore`
 */
export function broughtFile(path: string, bytes: Uint8Array): BroughtFile {
  if (bytes.length > BROUGHT_BYTES_MAX) throw tooLong(path);
  if (lockFormatOf(bytes)) return { path, bytes, kind: 'key-file', isLocked: true };
  if (isKeystore(bytes))
    return { path, bytes, kind: 'keystore', isLocked: !isOpenKeystore(parseKeystore(path, bytes)) };
  if (!MEANT.test(new TextDecoder().decode(bytes))) throw new AppError('KEY_FILE_FOREIGN', { path });
  return { path, bytes, kind: 'key-file', isLocked: false };
}

/** The same of a file on this disk. @throws {AppError} as `broughtFile`; KEY_FILE_ABSENT, or of the disk */
export async function readBrought(path: string): Promise<BroughtFile> {
  const file = await open(path, 'r').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') throw new AppError('KEY_FILE_ABSENT', { path });
    throw readError(thrown, path);
  });
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new AppError('KEY_FILE_CORRUPT', { path });
    if (found.size > BROUGHT_BYTES_MAX) throw tooLong(path);
    return broughtFile(path, await file.readFile());
  } finally {
    await file.close();
  }
}

const tooLong = (path: string) =>
  new AppError('KEY_FILE_TOO_LONG', { path, most: BROUGHT_BYTES_MAX / 1_024 });

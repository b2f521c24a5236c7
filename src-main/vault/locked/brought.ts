import { AppError } from '../../../src-shared/errors/app-error.ts';
import { privateKeyText } from '../account-text.ts';
import { backupInKeyFile, parseKeyFile } from '../key-file.ts';
import type { KeyPair } from '../private-key.ts';
import { lockFormatOf } from './format.ts';
import { openKeystore } from './keystore.ts';
import { isKeystore } from './keystore-form.ts';
import type { PasswordKeys } from './password-keys.ts';
import { type LockedFile, plainText } from './plain-text.ts';

/**
 * What the account in a file is made again from, whoever wrote it: its words, else its seed, else its private key.
 * @throws {LockError} for a wrong password, and for a damaged file
 * @throws {AppError} as `openKeystore` and `parseKeyFile`
 */
export async function backupInBrought(
  { path, file, password }: LockedFile & { readonly path: string },
  keys: PasswordKeys,
): Promise<string> {
  if (isKeystore(file)) return privateKeyOf(await openKeystore(path, file, password, keys));
  const text = lockFormatOf(file)
    ? await plainText({ file, password }, keys)
    : Buffer.from(file.buffer, file.byteOffset, file.length).toString('utf8');
  try {
    return backupInKeyFile(path, text);
  } catch (thrown) {
    const knowsItsKeyAlone = thrown instanceof AppError && thrown.code === 'KEY_WITHOUT_WORDS';
    if (knowsItsKeyAlone) return privateKeyOf(parseKeyFile(path, text));
    throw thrown;
  }
}

function privateKeyOf(pair: KeyPair): string {
  try {
    return privateKeyText(pair);
  } finally {
    pair.secretKey.fill(0);
  }
}

import { openAnsible } from './ansible.ts';
import { openFernet } from './fernet.ts';
import { LockError, type LockFormat, lockFormatOf } from './format.ts';
import { openNacl } from './nacl.ts';
import type { PasswordKeys } from './password-keys.ts';

const openers: Readonly<Record<LockFormat, typeof openNacl | typeof openFernet>> = {
  nacl: openNacl,
  fernet: openFernet,
  ansible: openAnsible,
};

export interface LockedFile {
  readonly file: Uint8Array;
  /** UTF-8, as it was typed. */
  readonly password: Uint8Array;
}

/** What a locked key file says, whichever lock it has. Takes seconds, all of them in this thread. @throws {LockError} */
export async function plainText({ file, password }: LockedFile, keys: PasswordKeys): Promise<string> {
  const format = lockFormatOf(file);
  if (!format) throw new LockError('damaged');
  const plain = await openers[format](file, password, keys);
  const text = Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString('utf8');
  plain.fill(0);
  return text;
}

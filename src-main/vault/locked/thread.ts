import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { parseKeyFile } from '../key-file.ts';
import type { KeyPair } from '../private-key.ts';
import { type Look, readPlaces, type WalletPlace } from '../wallets/read-places.ts';
import { openAnsible } from './ansible.ts';
import { openFernet } from './fernet.ts';
import { LockError, type LockFormat, lockFormatOf } from './format.ts';
import { openKeystore } from './keystore.ts';
import { openNacl, sealNacl } from './nacl.ts';

/** What one lock is asked for. The password is UTF-8, as it was typed. */
export type LockStart =
  | {
      /** One of a wallet's own key files, or what another wallet exported. */
      readonly kind: 'open' | 'keystore';
      readonly path: string;
      readonly file: Uint8Array;
      readonly password: Uint8Array;
    }
  | { readonly kind: 'seal'; readonly plain: Uint8Array; readonly password: Uint8Array };

/** Every open key is derived again while wallets are read, each of which takes longer than the host may stand still. */
export interface LookStart {
  readonly kind: 'look';
  readonly places: readonly WalletPlace[];
}

export type LockAnswer =
  | { readonly kind: 'opened'; readonly pair: KeyPair }
  | { readonly kind: 'sealed'; readonly file: Uint8Array }
  | { readonly kind: 'looked'; readonly looks: readonly Look[] }
  | { readonly kind: 'refused'; readonly error: CodedError };

const openers: Readonly<Record<LockFormat, typeof openNacl | typeof openFernet>> = {
  nacl: openNacl,
  fernet: openFernet,
  ansible: openAnsible,
};

/**
 * A thread of its own for one password: the key takes seconds and half a gigabyte. What the file holds in words never
 * leaves it; the memory of both goes with the thread.
 */
async function answer(start: LockStart | LookStart): Promise<LockAnswer> {
  if (start.kind === 'look') return { kind: 'looked', looks: await readPlaces(start.places) };
  if (start.kind === 'seal') return { kind: 'sealed', file: await sealNacl(start.plain, start.password) };
  const open = start.kind === 'keystore' ? openKeystore : openKeyFile;
  try {
    return { kind: 'opened', pair: await open(start.path, start.file, start.password) };
  } catch (thrown) {
    return { kind: 'refused', error: toCodedError(coded(thrown, start.path)) };
  }
}

async function openKeyFile(path: string, file: Uint8Array, password: Uint8Array): Promise<KeyPair> {
  const format = lockFormatOf(file);
  if (!format) throw new LockError('damaged');
  const plain = await openers[format](file, password);
  try {
    return parseKeyFile(path, Buffer.from(plain.buffer, plain.byteOffset, plain.length).toString('utf8'));
  } finally {
    plain.fill(0);
  }
}

const coded = (thrown: unknown, path: string): unknown => {
  if (!(thrown instanceof LockError)) return thrown;
  return new AppError(thrown.fault === 'password' ? 'KEY_PASSWORD_WRONG' : 'KEY_FILE_CORRUPT', { path });
};

const start = workerData as LockStart | LookStart;
parentPort?.postMessage(await answer(start));
if (start.kind !== 'look') start.password.fill(0);

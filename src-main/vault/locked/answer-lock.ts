import { parentPort, workerData } from 'node:worker_threads';
import { AppError, type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { type AccountText, accountText, newPhrase } from '../account-text.ts';
import { backupInKeyFile, parseKeyFile } from '../key-file.ts';
import type { KeyPair } from '../private-key.ts';
import { type HeldFile, lookAtHeld } from '../wallets/held-files.ts';
import { type Look, readPlaces, type WalletPlace } from '../wallets/read-places.ts';
import { backupInBrought } from './brought.ts';
import { LockError, lockFormatOf } from './format.ts';
import { openNacl, sealNacl } from './nacl.ts';
import type { PasswordKeys } from './password-keys.ts';
import { plainText } from './plain-text.ts';

/** What one lock is asked for. The password is UTF-8, as it was typed. */
export type LockStart =
  | {
      /** One of a wallet's own key files, the words in one of our own, or whatever file somebody brings. */
      readonly kind: 'open' | 'backup' | 'brought';
      readonly path: string;
      readonly file: Uint8Array;
      readonly password: Uint8Array;
    }
  | {
      /** What `seal` made. */
      readonly kind: 'unseal';
      readonly path: string;
      readonly file: Uint8Array;
      readonly password: Uint8Array;
    }
  | { readonly kind: 'seal'; readonly plain: Uint8Array; readonly password: Uint8Array }
  | { readonly kind: 'make'; readonly backup: string; readonly password: Uint8Array };

/** Words or a seed, of which only the account is wanted: deriving it takes longer than the host may stand still. */
export interface AccountStart {
  readonly kind: 'account';
  readonly backup: string;
}

/** Every open key is derived again while wallets are read, each of which takes longer than the host may stand still. */
export interface LookStart {
  readonly kind: 'look';
  readonly places: readonly WalletPlace[];
}

/** The files of a wallet that somebody brings, none of which lies on a disk of ours. */
export interface HeldStart {
  readonly kind: 'look-at-held';
  readonly name: string;
  readonly files: readonly HeldFile[];
}

export type LockAnswer =
  | { readonly kind: 'opened'; readonly pair: KeyPair }
  | { readonly kind: 'sealed'; readonly file: Uint8Array }
  | { readonly kind: 'unsealed'; readonly plain: Uint8Array }
  | { readonly kind: 'backup'; readonly backup: FoundBackup }
  | { readonly kind: 'made'; readonly keys: MadeKeys }
  | { readonly kind: 'account'; readonly address: Ss58 }
  | { readonly kind: 'looked'; readonly looks: readonly Look[] }
  | { readonly kind: 'refused'; readonly error: CodedError };

/** What an account is had again from, and which it is by that alone. */
export interface FoundBackup {
  readonly text: string;
  readonly address: Ss58;
}

/** The keys of a new wallet as their files hold them. */
export interface MadeKeys {
  readonly coldkey: Pick<AccountText, 'address' | 'public'> & { readonly sealed: Uint8Array };
  readonly hotkey: AccountText;
}

/** What is asked of one thread. */
export type ThreadStart = LockStart | LookStart | HeldStart | AccountStart;

/**
 * The whole work of a thread: tells the host its answer and wipes the password that came with the question. What the
 * file holds in words leaves it for a person who asks for just that; the memory of both goes with the thread.
 */
export async function serveLock(keys: PasswordKeys): Promise<void> {
  const start = workerData as ThreadStart;
  parentPort?.postMessage(await answerLock(start, keys));
  if ('password' in start) start.password.fill(0);
}

/** Never throws: what is wrong is an answer. */
export async function answerLock(start: ThreadStart, keys: PasswordKeys): Promise<LockAnswer> {
  try {
    switch (start.kind) {
      case 'look':
        return { kind: 'looked', looks: await readPlaces(start.places) };
      case 'look-at-held':
        return { kind: 'looked', looks: [await lookAtHeld(start.name, start.files)] };
      case 'open':
        return { kind: 'opened', pair: parseKeyFile(start.path, await plainText(start, keys)) };
      case 'backup':
        return {
          kind: 'backup',
          backup: withAddress(backupInKeyFile(start.path, await plainText(start, keys))),
        };
      case 'brought':
        return { kind: 'backup', backup: withAddress(await backupInBrought(start, keys)) };
      case 'unseal':
        return { kind: 'unsealed', plain: await unsealed(start.file, start.password, keys) };
      case 'seal':
        return { kind: 'sealed', file: await sealNacl(start.plain, start.password, keys) };
      case 'make':
        return { kind: 'made', keys: await madeKeys(start.backup, start.password, keys) };
      case 'account':
        return { kind: 'account', address: accountText(start.backup).address };
    }
  } catch (thrown) {
    return { kind: 'refused', error: toCodedError(coded(thrown, 'path' in start ? start.path : '')) };
  }
}

async function unsealed(file: Uint8Array, password: Uint8Array, keys: PasswordKeys): Promise<Uint8Array> {
  if (lockFormatOf(file) !== 'nacl') throw new LockError('damaged');
  return openNacl(file, password, keys);
}

const withAddress = (text: string): FoundBackup => ({ text, address: accountText(text).address });

async function madeKeys(backup: string, password: Uint8Array, keys: PasswordKeys): Promise<MadeKeys> {
  const { address, public: open, secret } = accountText(backup);
  const sealed = await sealNacl(new TextEncoder().encode(secret.trimEnd()), password, keys);
  return { coldkey: { address, public: open, sealed }, hotkey: accountText(newPhrase(12)) };
}

const coded = (thrown: unknown, path: string): unknown => {
  if (!(thrown instanceof LockError)) return thrown;
  return new AppError(thrown.fault === 'password' ? 'KEY_PASSWORD_WRONG' : 'KEY_FILE_CORRUPT', { path });
};

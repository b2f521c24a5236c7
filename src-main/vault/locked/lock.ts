import { orAbort, within } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { LOCK_LIMIT_MS } from '../limits.ts';
import type { KeyPair } from '../private-key.ts';
import type { HeldFile } from '../wallets/held-files.ts';
import type { Look, WalletPlace } from '../wallets/read-places.ts';
import type { FoundBackup, LockAnswer, LockStart, MadeKeys, ThreadStart } from './answer-lock.ts';
import { startThread } from './start-thread.ts';

/**
 * The account in a locked key file.
 * @param file its bytes, for the path that is told
 * @param password UTF-8, exactly as it was typed; a copy is taken, and the caller's is left alone
 * @throws {AppError} KEY_PASSWORD_WRONG, KEY_FILE_CORRUPT, those of `parseKeyFile`; TIMEOUT, CANCELLED
 */
export async function openLocked(
  path: string,
  file: Uint8Array,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<KeyPair> {
  const answer = await ask({ kind: 'open', path, file, password }, signal);
  if (answer.kind !== 'opened') throw unexpected(answer);
  return answer.pair;
}

/**
 * What the account in a file that somebody brings is made again from, and which it is: a JSON keystore of another wallet,
 * a key file under a password, or one without.
 * @param password its own, as it was typed; not looked at where it lies open
 * @throws {AppError} KEY_PASSWORD_WRONG, KEY_FILE_CORRUPT, those of `openKeystore` and `parseKeyFile`; TIMEOUT, CANCELLED
 */
export async function openBrought(
  path: string,
  file: Uint8Array,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<FoundBackup> {
  const answer = await ask({ kind: 'brought', path, file, password }, signal);
  if (answer.kind !== 'backup') throw unexpected(answer);
  return answer.backup;
}

/** Bytes under a password, as today's wallets lock them. @throws {AppError} TIMEOUT, CANCELLED */
export async function sealLocked(
  plain: Uint8Array,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const answer = await ask({ kind: 'seal', plain, password }, signal);
  if (answer.kind !== 'sealed') throw unexpected(answer);
  return answer.file;
}

/** What `sealLocked` locked. @throws {AppError} KEY_PASSWORD_WRONG, KEY_FILE_CORRUPT, TIMEOUT, CANCELLED */
export async function openSealed(
  path: string,
  file: Uint8Array,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const answer = await ask({ kind: 'unseal', path, file, password }, signal);
  if (answer.kind !== 'unsealed') throw unexpected(answer);
  return answer.plain;
}

/** What lies in these places, read beside the host. @throws {AppError} TIMEOUT, CANCELLED */
export async function lookAtWallets(
  places: readonly WalletPlace[],
  signal: AbortSignal,
): Promise<readonly Look[]> {
  // It takes no memory worth a queue, and whoever types a password meanwhile is not to hold it up.
  const answer = await run({ kind: 'look', places }, signal);
  if (answer.kind !== 'looked') throw unexpected(answer);
  return answer.looks;
}

/** What these files make together, read beside the host and written nowhere. @throws {AppError} TIMEOUT, CANCELLED */
export async function lookAtHeldFiles(
  name: string,
  files: readonly HeldFile[],
  signal: AbortSignal,
): Promise<Look> {
  const answer = await run({ kind: 'look-at-held', name, files }, signal);
  if (answer.kind !== 'looked' || !answer.looks[0]) throw unexpected(answer);
  return answer.looks[0];
}

/**
 * What a person has the account in a locked key file again from: its words, or its seed where it has none.
 * @throws {AppError} as `openLocked`, KEY_WITHOUT_WORDS
 */
export async function backupInLocked(
  path: string,
  file: Uint8Array,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<FoundBackup> {
  const answer = await ask({ kind: 'backup', path, file, password }, signal);
  if (answer.kind !== 'backup') throw unexpected(answer);
  return answer.backup;
}

/**
 * The keys of a wallet: the coldkey of a backup (as `plainBackup` has it) under its password, and a new hotkey.
 * @throws {AppError} KEY_PHRASE_WORD, KEY_PHRASE_INVALID, TIMEOUT, CANCELLED
 */
export async function makeLocked(
  backup: string,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<MadeKeys> {
  const answer = await ask({ kind: 'make', backup, password }, signal);
  if (answer.kind !== 'made') throw unexpected(answer);
  return answer.keys;
}

/** The account that a backup stands for. @throws {AppError} KEY_PHRASE_WORD, KEY_PHRASE_INVALID, TIMEOUT, CANCELLED */
export async function accountOfBackup(backup: string, signal: AbortSignal): Promise<Ss58> {
  // It takes no memory worth a queue.
  const answer = await run({ kind: 'account', backup }, signal);
  if (answer.kind !== 'account') throw unexpected(answer);
  return answer.address;
}

const unexpected = (answer: LockAnswer): AppError =>
  answer.kind === 'refused'
    ? new AppError(answer.error.code, answer.error.params)
    : new AppError('INTERNAL', {}, answer.kind);

/** One after another: two at once would take a gigabyte. */
let last: Promise<void> = Promise.resolve();

function ask(start: LockStart, signal: AbortSignal): Promise<LockAnswer> {
  const mine = orAbort(last, signal).then(() => run(start, signal));
  // Of the answers, in which secrets are, nothing is kept here.
  last = Promise.allSettled([last, mine]).then(() => undefined);
  return mine;
}

async function run(start: ThreadStart, signal: AbortSignal): Promise<LockAnswer> {
  const worker = startThread(start);
  try {
    const answer = new Promise<LockAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) => reject(new AppError('INTERNAL', {}, error)));
      worker.once('exit', () => reject(new AppError('INTERNAL', {}, 'the thread ended')));
    });
    return await within(
      answer,
      start.kind.startsWith('look') ? 'the wallets' : 'the password',
      LOCK_LIMIT_MS,
      signal,
    );
  } finally {
    await worker.terminate();
  }
}

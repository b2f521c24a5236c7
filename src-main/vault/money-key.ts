import { encodeAddress } from '@polkadot/util-crypto';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Ss58, ss58 } from '../../src-shared/units.ts';
import { type AccountKey, accountOf, signable } from './account-key.ts';
import { type Approval, heldTo } from './approval.ts';
import { SS58_PREFIX } from './key-file.ts';
import { AUTO_LOCK_MS } from './limits.ts';
import { openLocked } from './locked/lock.ts';
import type { KeyPair } from './private-key.ts';
import { readKeyBytes } from './secret-file.ts';
import { type WrongPasswords, wrongPasswords } from './wrong-passwords.ts';

/**
 * A coldkey under its password. It opens for its owner, locks itself, and signs each approved call once: whoever asks
 * for another signature asks for another approval.
 */
export interface MoneyKey {
  readonly address: Ss58;
  readonly isOpen: boolean;
  /**
   * @param password UTF-8, exactly as it was typed
   * @throws {AppError} KEY_PASSWORD_WRONG, KEY_PASSWORD_WAIT after several wrong ones, KEY_FILE_CONTRADICTS where the
   * file holds another account than its wallet says, or of the file; TIMEOUT, CANCELLED
   */
  unlock(password: Uint8Array, signal: AbortSignal): Promise<void>;
  /** The secret is gone from memory. */
  lock(): void;
  /** @throws {AppError} KEY_LOCKED, KEY_USE_REFUSED for any payload that is not of this call on this chain */
  sign(payload: Uint8Array, approval: Approval): Promise<Uint8Array>;
}

export interface MoneyKeyOptions {
  readonly path: string;
  /** As the wallet's public file names it. */
  readonly address: Ss58;
  /** Of its file, where others open that, too. */
  readonly wrong?: WrongPasswords;
  /** Told when it has locked itself. */
  onLocked?(): void;
}

/** What tests put in the place of passwords that take seconds, and of the time. */
export interface MoneyKeyMachine {
  open(path: string, password: Uint8Array, signal: AbortSignal): Promise<KeyPair>;
  /** Counts on while the computer sleeps: whoever comes back to it types the password again. */
  nowMs(): number;
}

const machine: MoneyKeyMachine = {
  async open(path, password, signal) {
    const file = await readKeyBytes(path);
    if (file === null) throw new AppError('KEY_FILE_ABSENT', { path });
    return openLocked(path, file, password, signal);
  },
  nowMs: () => Date.now(),
};

export function moneyKey(options: MoneyKeyOptions, { open, nowMs }: MoneyKeyMachine = machine): MoneyKey {
  const { path, address, onLocked } = options;
  let opened: { readonly pair: KeyPair; readonly key: AccountKey; readonly atMs: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  const wrong = options.wrong ?? wrongPasswords(nowMs);
  const demandApproved = heldTo(address);

  function lock(): void {
    clearTimeout(timer);
    opened?.pair.secretKey.fill(0);
    const wasOpen = opened !== null;
    opened = null;
    if (wasOpen) onLocked?.();
  }

  /** A timer stands still while the computer sleeps, and a clock may be set back: either way it is over. */
  function current(): AccountKey {
    const agoMs = opened ? nowMs() - opened.atMs : 0;
    if (opened && (agoMs < 0 || agoMs >= AUTO_LOCK_MS)) lock();
    if (!opened) throw new AppError('KEY_LOCKED', { address });
    return opened.key;
  }

  return {
    address,
    get isOpen() {
      return opened !== null && nowMs() - opened.atMs < AUTO_LOCK_MS;
    },
    async unlock(password, signal) {
      wrong.mayTry();
      const pair = await open(path, password, signal).catch((thrown: unknown) => {
        if (thrown instanceof AppError && thrown.code === 'KEY_PASSWORD_WRONG') wrong.missed();
        throw thrown;
      });
      if (ss58(encodeAddress(pair.publicKey, SS58_PREFIX)) !== address) {
        pair.secretKey.fill(0);
        throw new AppError('KEY_FILE_CONTRADICTS', { path, part: 'ss58Address' });
      }
      wrong.forget();
      lock();
      opened = { pair, key: accountOf(pair), atMs: nowMs() };
      timer = setTimeout(lock, AUTO_LOCK_MS);
      timer.unref();
    },
    lock,
    async sign(payload, approval) {
      const key = current();
      demandApproved(payload, approval);
      return key.sign(signable(payload));
    },
  };
}

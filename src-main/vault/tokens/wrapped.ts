import * as v from 'valibot';
import { within } from '../../../src-node/waits.ts';
import { type TokenSecret, tokenSecret } from '../../../src-shared/contract/page/tokens.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { WRAPPED_CHARS_MAX } from '../limits.ts';

/** The system's keychain, as a shell has it: what it locks, only this user on this computer opens. */
export interface Keychain {
  lock(text: string): Promise<Uint8Array>;
  /** @returns `isStale` where its key was exchanged since, so that the text is to be locked anew. @throws when it does not open */
  open(locked: Uint8Array): Promise<{ readonly text: string; readonly isStale: boolean }>;
}
/** @returns null where the system has none, or none that locks anything */
export type FindKeychain = () => Promise<Keychain | null>;

/** How a secret stands in its file. */
export const wrappedSecret = v.variant('by', [
  v.strictObject({ by: v.literal('file'), secret: tokenSecret }),
  v.strictObject({
    by: v.literal('keychain'),
    base64: v.pipe(v.string(), v.base64(), v.maxLength(WRAPPED_CHARS_MAX)),
  }),
]);
export type WrappedSecret = v.InferOutput<typeof wrappedSecret>;

/** The keychain that a shell may have, and until when it is waited for. */
export interface KeychainPlace {
  readonly find?: FindKeychain | undefined;
  /** It may ask its user to be unlocked, and nobody may be there: beyond this it counts as one that refuses. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** @throws {AppError} KEYCHAIN_REFUSED */
export async function wrap(secret: TokenSecret, place: KeychainPlace): Promise<WrappedSecret> {
  try {
    const locked = await asked(place, (keychain) => keychain.lock(JSON.stringify(secret)));
    return locked
      ? { by: 'keychain', base64: Buffer.from(locked).toString('base64') }
      : { by: 'file', secret };
  } catch {
    // What it threw may quote what it was to lock.
    throw new AppError('KEYCHAIN_REFUSED');
  }
}

/** @returns null where it does not open: no keychain here, one without its key, or one that does not answer */
export async function unwrap(
  wrapped: WrappedSecret,
  place: KeychainPlace,
): Promise<{ readonly secret: TokenSecret; readonly isStale: boolean } | null> {
  if (wrapped.by === 'file') return { secret: wrapped.secret, isStale: false };
  try {
    const opened = await asked(place, (keychain) => keychain.open(Buffer.from(wrapped.base64, 'base64')));
    return opened ? { secret: v.parse(tokenSecret, JSON.parse(opened.text)), isStale: opened.isStale } : null;
  } catch {
    // Parsers quote what they read, so nothing of what was thrown leaves this function.
    return null;
  }
}

/** @returns null where there is no keychain. @throws what it throws; {AppError} TIMEOUT, CANCELLED */
function asked<T>(
  { find, limitMs, signal }: KeychainPlace,
  ask: (keychain: Keychain) => Promise<T>,
): Promise<T | null> {
  const answer = async () => {
    const keychain = (await find?.()) ?? null;
    return keychain && ask(keychain);
  };
  return within(answer(), 'the keychain', limitMs, signal);
}

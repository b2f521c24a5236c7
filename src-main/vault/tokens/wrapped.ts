import * as v from 'valibot';
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

/** @throws {AppError} KEYCHAIN_REFUSED */
export async function wrap(secret: TokenSecret, find: FindKeychain | undefined): Promise<WrappedSecret> {
  const keychain = (await find?.()) ?? null;
  if (!keychain) return { by: 'file', secret };
  try {
    const locked = await keychain.lock(JSON.stringify(secret));
    return { by: 'keychain', base64: Buffer.from(locked).toString('base64') };
  } catch {
    // What it threw may quote what it was to lock.
    throw new AppError('KEYCHAIN_REFUSED');
  }
}

/** @returns null where it does not open: no keychain here, or one without its key */
export async function unwrap(
  wrapped: WrappedSecret,
  find: FindKeychain | undefined,
): Promise<{ readonly secret: TokenSecret; readonly isStale: boolean } | null> {
  if (wrapped.by === 'file') return { secret: wrapped.secret, isStale: false };
  const keychain = (await find?.()) ?? null;
  try {
    const opened = await keychain?.open(Buffer.from(wrapped.base64, 'base64'));
    return opened ? { secret: v.parse(tokenSecret, JSON.parse(opened.text)), isStale: opened.isStale } : null;
  } catch {
    // Parsers quote what they read, so nothing of what was thrown leaves this function.
    return null;
  }
}

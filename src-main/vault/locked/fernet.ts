import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { LockError } from './format.ts';
import type { PasswordKeys } from './password-keys.ts';

/**
 * The lock of wallets of the first generation: a Fernet token (version, time, IV, AES-128-CBC, HMAC-SHA256) whose two
 * keys are PBKDF2-SHA256 of the password. It is opened, and never written any more.
 */
const VERSION = 0x80;
const [HEAD_BYTES, IV_BYTES, BLOCK_BYTES, TAG_BYTES, KEY_BYTES] = [9, 16, 16, 32, 16];

/** @throws {LockError} */
export function openFernet(file: Uint8Array, password: Uint8Array, passwordKeys: PasswordKeys): Uint8Array {
  const token = bytesOf(file);
  const signed = token.subarray(0, -TAG_BYTES);
  const box = signed.subarray(HEAD_BYTES + IV_BYTES);
  if (token[0] !== VERSION || box.length === 0 || box.length % BLOCK_BYTES !== 0)
    throw new LockError('damaged');
  const keys = passwordKeys.fernet(password);
  try {
    const tag = createHmac('sha256', keys.subarray(0, KEY_BYTES)).update(signed).digest();
    if (!timingSafeEqual(tag, token.subarray(-TAG_BYTES))) throw new LockError('password');
    const iv = signed.subarray(HEAD_BYTES, HEAD_BYTES + IV_BYTES);
    const cipher = createDecipheriv('aes-128-cbc', keys.subarray(KEY_BYTES), iv);
    return Uint8Array.from(Buffer.concat([cipher.update(box), cipher.final()]));
  } catch (thrown) {
    // The tag was right, so the padding is: whoever wrote it wrote something else.
    throw thrown instanceof LockError ? thrown : new LockError('damaged');
  } finally {
    keys.fill(0);
  }
}

/** @throws {LockError} for what is no base64url of a whole token */
function bytesOf(file: Uint8Array): Buffer {
  const text = Buffer.from(file).toString('latin1').trim();
  const token = Buffer.from(text, 'base64url');
  if (!/^[\w-]+={0,2}$/.test(text) || token.length < HEAD_BYTES + IV_BYTES + BLOCK_BYTES + TAG_BYTES)
    throw new LockError('damaged');
  return token;
}

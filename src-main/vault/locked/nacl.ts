import { randomBytes } from 'node:crypto';
import sodium from 'libsodium-wrappers-sumo';
import { LockError } from './format.ts';
import type { PasswordKeys } from './password-keys.ts';

/** The lock of today's wallets: mark, nonce (24), and the bytes in a NaCl secretbox (XSalsa20-Poly1305). */
const MARK = new TextEncoder().encode('$NACL');
const [NONCE_BYTES, TAG_BYTES] = [24, 16];

/** @throws {LockError} */
export async function openNacl(
  file: Uint8Array,
  password: Uint8Array,
  keys: PasswordKeys,
): Promise<Uint8Array> {
  const nonce = file.subarray(MARK.length, MARK.length + NONCE_BYTES);
  const box = file.subarray(MARK.length + NONCE_BYTES);
  if (box.length <= TAG_BYTES) throw new LockError('damaged');
  const key = await keys.nacl(password);
  await sodium.ready;
  try {
    return sodium.crypto_secretbox_open_easy(box, nonce, key);
  } catch {
    throw new LockError('password');
  } finally {
    key.fill(0);
  }
}

/** @param nonce 24 bytes that were never used with this password; at random where nothing is given */
export async function sealNacl(
  plain: Uint8Array,
  password: Uint8Array,
  keys: PasswordKeys,
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): Promise<Uint8Array> {
  const key = await keys.nacl(password);
  await sodium.ready;
  try {
    const box = sodium.crypto_secretbox_easy(plain, nonce, key);
    return new Uint8Array(Buffer.concat([MARK, nonce, box]));
  } finally {
    key.fill(0);
  }
}

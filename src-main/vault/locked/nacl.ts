import { randomBytes } from 'node:crypto';
import sodium from 'libsodium-wrappers-sumo';
import { LockError } from './format.ts';

/**
 * The lock of today's wallets: mark, nonce (24), and the bytes in a NaCl secretbox (XSalsa20-Poly1305). Its key is
 * Argon2i 1.3 of the password with a salt that is the same for all of them, so a good password is all there is.
 */
const MARK = new TextEncoder().encode('$NACL');
const SALT = Uint8Array.from(Buffer.from('137183dff15a09bc9c90b5518739e9b1', 'hex'));
/** The passes and bytes of libsodium's "sensitive" Argon2i; its constants of that name are those of Argon2id. */
const PASSES = 8;
const MEMORY_BYTES = 536_870_912;
const [KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 24, 16];

async function keyOf(password: Uint8Array): Promise<Uint8Array> {
  await sodium.ready;
  return sodium.crypto_pwhash(
    KEY_BYTES,
    password,
    SALT,
    PASSES,
    MEMORY_BYTES,
    sodium.crypto_pwhash_ALG_ARGON2I13,
  );
}

/** @throws {LockError} */
export async function openNacl(file: Uint8Array, password: Uint8Array): Promise<Uint8Array> {
  const nonce = file.subarray(MARK.length, MARK.length + NONCE_BYTES);
  const box = file.subarray(MARK.length + NONCE_BYTES);
  if (box.length <= TAG_BYTES) throw new LockError('damaged');
  const key = await keyOf(password);
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
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): Promise<Uint8Array> {
  const key = await keyOf(password);
  try {
    const box = sodium.crypto_secretbox_easy(plain, nonce, key);
    return new Uint8Array(Buffer.concat([MARK, nonce, box]));
  } finally {
    key.fill(0);
  }
}

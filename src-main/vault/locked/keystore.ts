import sodium from 'libsodium-wrappers-sumo';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { ss58Parts } from '../../../src-shared/rounds/ss58.ts';
import { type KeyPair, pairOfExpanded } from '../private-key.ts';
import { LockError } from './format.ts';
import { isOpenKeystore, type Keystore, parseKeystore } from './keystore-form.ts';
import type { PasswordKeys } from './password-keys.ts';

/**
 * A JSON keystore as browser wallets export one account, version 3: salt (32), N, p and r of scrypt (4 bytes each, the
 * low one first), nonce (24), and a NaCl secretbox of the account as PKCS#8.
 * Format: https://github.com/polkadot-js/common, packages/util-crypto/src/json.
 */
const [SALT_BYTES, PARAMETER_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 12, 24, 16];
const HEAD = Uint8Array.of(48, 83, 2, 1, 1, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);
const DIVIDER = Uint8Array.of(161, 35, 3, 33, 0);
const [SECRET_BYTES, PUBLIC_BYTES] = [64, 32];
const PLAIN_BYTES = HEAD.length + SECRET_BYTES + DIVIDER.length + PUBLIC_BYTES;
const LOCKED_BYTES = SALT_BYTES + PARAMETER_BYTES + NONCE_BYTES + TAG_BYTES + PLAIN_BYTES;
/** All that these wallets ever wrote, as "N r p": 128 MiB and less. A file that asks for more would take the memory. */
const COSTS = new Set(['8192 8 10', '16384 8 5', '32768 8 3', '32768 8 1', '65536 8 2', '131072 8 1']);

/**
 * The account in a keystore. Takes seconds and up to 128 MiB, all of it in this thread.
 * @throws {LockError} for a wrong password, and for a damaged file
 * @throws {AppError} KEYSTORE_BATCH, KEYSTORE_OLD, KEYSTORE_KIND, KEY_FILE_CORRUPT, KEY_FILE_CONTRADICTS
 */
export async function openKeystore(
  path: string,
  file: Uint8Array,
  password: Uint8Array,
  keys: PasswordKeys,
): Promise<KeyPair> {
  const keystore = parseKeystore(path, file);
  const bytes = bytesOf(keystore.encoded);
  const plain = isOpenKeystore(keystore) ? bytes : await unlocked(bytes, password, keys);
  try {
    return accountIn(plain, keystore, path);
  } finally {
    plain.fill(0);
  }
}

async function unlocked(bytes: Uint8Array, password: Uint8Array, keys: PasswordKeys): Promise<Uint8Array> {
  if (bytes.length !== LOCKED_BYTES) throw new LockError('damaged');
  const salt = bytes.subarray(0, SALT_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset + SALT_BYTES, PARAMETER_BYTES);
  const [N, p, r] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  if (!COSTS.has(`${N} ${r} ${p}`)) throw new LockError('damaged');
  const box = bytes.subarray(SALT_BYTES + PARAMETER_BYTES);
  const key = keys.keystore(password, salt, { N, r, p });
  await sodium.ready;
  try {
    const [nonce, sealed] = [box.subarray(0, NONCE_BYTES), box.subarray(NONCE_BYTES)];
    return sodium.crypto_secretbox_open_easy(sealed, nonce, key);
  } catch {
    throw new LockError('password');
  } finally {
    key.fill(0);
  }
}

/** Everything that it says of the account is derived again: another one's address beside it would be believed. */
function accountIn(plain: Uint8Array, { address }: Keystore, path: string): KeyPair {
  const dividerAt = HEAD.length + SECRET_BYTES;
  const publicAt = dividerAt + DIVIDER.length;
  const isWhole =
    plain.length === PLAIN_BYTES &&
    isSame(plain.subarray(0, HEAD.length), HEAD) &&
    isSame(plain.subarray(dividerAt, publicAt), DIVIDER);
  if (!isWhole) throw new LockError('damaged');
  const pair = pairOf(plain.slice(HEAD.length, dividerAt));
  if (!isSame(plain.subarray(publicAt), pair.publicKey))
    throw new AppError('KEY_FILE_CONTRADICTS', { path, part: 'publicKey' });
  // The address may be written for another network; the account is the same.
  const named = address ? ss58Parts(address)?.publicKey : pair.publicKey;
  if (!named || !isSame(named, pair.publicKey))
    throw new AppError('KEY_FILE_CONTRADICTS', { path, part: 'address' });
  return pair;
}

function pairOf(secretKey: Uint8Array): KeyPair {
  try {
    return pairOfExpanded(secretKey);
  } catch {
    throw new LockError('damaged');
  }
}

/** @throws {LockError} for what is no base64, whole and without blanks */
function bytesOf(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) throw new LockError('damaged');
  return Uint8Array.from(bytes);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

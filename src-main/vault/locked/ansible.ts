import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { LockError } from './format.ts';

/**
 * The lock of wallets of the second generation, an Ansible vault: below a first line, hex of three lines of hex (salt,
 * HMAC-SHA256, AES-256-CTR of the padded bytes). It is opened, and never written any more.
 */
const HEAD = /^\$ANSIBLE_VAULT;1\.[12];AES256(?:;[^\r\n]*)?\r?\n/;
const ROUNDS = 10_000;
const [KEY_BYTES, IV_BYTES, TAG_BYTES, BLOCK_BYTES] = [32, 16, 32, 16];

/** @throws {LockError} */
export function openAnsible(file: Uint8Array, password: Uint8Array): Uint8Array {
  const [salt, tag, box] = partsOf(Buffer.from(file).toString('latin1'));
  const keys = pbkdf2Sync(password, salt, ROUNDS, 2 * KEY_BYTES + IV_BYTES, 'sha256');
  const [cipherKey, tagKey] = [keys.subarray(0, KEY_BYTES), keys.subarray(KEY_BYTES, 2 * KEY_BYTES)];
  try {
    if (!timingSafeEqual(createHmac('sha256', tagKey).update(box).digest(), tag))
      throw new LockError('password');
    const cipher = createDecipheriv('aes-256-ctr', cipherKey, keys.subarray(2 * KEY_BYTES));
    return unpadded(Buffer.concat([cipher.update(box), cipher.final()]));
  } finally {
    keys.fill(0);
  }
}

/** @throws {LockError} */
function partsOf(text: string): readonly [salt: Buffer, tag: Buffer, box: Buffer] {
  const inner = hexOf(text.replace(HEAD, '').replace(/\s+/g, '')).toString('latin1');
  const [salt, tag, box, ...more] = inner.split('\n').map(hexOf);
  if (!HEAD.test(text) || !salt || tag?.length !== TAG_BYTES || !box || box.length === 0 || more.length > 0)
    throw new LockError('damaged');
  return [salt, tag, box];
}

function hexOf(text: string): Buffer {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) throw new LockError('damaged');
  return Buffer.from(text, 'hex');
}

/** PKCS#7: the last byte says how many such bytes were put behind. */
function unpadded(bytes: Buffer): Uint8Array {
  const count = bytes.at(-1) ?? 0;
  const padding = bytes.subarray(-count);
  if (count < 1 || count > BLOCK_BYTES || padding.some((byte) => byte !== count))
    throw new LockError('damaged');
  return Uint8Array.from(bytes.subarray(0, -count));
}

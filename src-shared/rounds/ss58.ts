import { blake2b } from '@noble/hashes/blake2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Ss58, ss58 } from '../units.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PREFIX = 42;
/** prefix, key, checksum */
const LENGTH = 1 + 32 + 2;

/** The 32-byte public key of an address of prefix 42; null when the text is none or its checksum is wrong. */
export function publicKeyOf(address: string): Uint8Array | null {
  if (address.length < 46 || address.length > 48) return null;
  let number = 0n;
  for (const letter of address) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return null;
    number = number * 58n + BigInt(digit);
  }
  const text = number.toString(16);
  if (text.length > LENGTH * 2) return null;
  const bytes = Uint8Array.from(text.padStart(LENGTH * 2, '0').match(/../g)!, (pair) =>
    Number.parseInt(pair, 16),
  );
  if (bytes[0] !== PREFIX) return null;
  const body = bytes.subarray(0, 33);
  const sum = checksum(body);
  return bytes[33] === sum[0] && bytes[34] === sum[1] ? body.slice(1) : null;
}

/** @param publicKey 32 bytes */
export function addressOf(publicKey: Uint8Array): Ss58 {
  if (publicKey.length !== 32) throw new RangeError('a public key has 32 bytes');
  const body = concatBytes(Uint8Array.of(PREFIX), publicKey);
  const bytes = concatBytes(body, checksum(body));
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = '';
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)]! + text;
  return ss58(text);
}

const checksum = (body: Uint8Array): Uint8Array =>
  blake2b(concatBytes(utf8ToBytes('SS58PRE'), body), { dkLen: 64 }).subarray(0, 2);

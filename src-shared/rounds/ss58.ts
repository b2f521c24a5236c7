import { blake2b } from '@noble/hashes/blake2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Ss58, ss58 } from '../units.ts';

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const PREFIX = 42;
const [KEY_BYTES, CHECKSUM_BYTES] = [32, 2];

/** The 32-byte public key of an address of prefix 42; null when the text is none or its checksum is wrong. */
export function publicKeyOf(address: string): Uint8Array | null {
  const parts = ss58Parts(address);
  return parts?.prefix === PREFIX ? parts.publicKey : null;
}

/** Of an account on any network; null when the text is none or its checksum is wrong. */
export function ss58Parts(
  address: string,
): { readonly prefix: number; readonly publicKey: Uint8Array } | null {
  const bytes = fromBase58(address);
  if (!bytes) return null;
  const [body, sum] = [bytes.subarray(0, -CHECKSUM_BYTES), bytes.subarray(-CHECKSUM_BYTES)];
  const prefixBytes = body.length - KEY_BYTES;
  const prefix = prefixBytes === 1 ? body[0] : prefixBytes === 2 ? longPrefix(body) : undefined;
  const wanted = checksum(body);
  if (prefix === undefined || sum[0] !== wanted[0] || sum[1] !== wanted[1]) return null;
  return { prefix, publicKey: body.slice(prefixBytes) };
}

/** Fourteen bits over two bytes, the first of which is 64 to 127: https://docs.substrate.io/reference/address-formats/ */
function longPrefix([first = 0, second = 0]: Uint8Array): number | undefined {
  if (first < 64 || first > 127) return undefined;
  return ((first & 0b0011_1111) << 2) | (second >> 6) | ((second & 0b0011_1111) << 8);
}

/** null for text that is longer than any address, or has another letter. */
function fromBase58(text: string): Uint8Array | null {
  if (text.length < 46 || text.length > 50) return null;
  let number = 0n;
  for (const letter of text) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return null;
    number = number * 58n + BigInt(digit);
  }
  // A first byte of 0 is a letter that counts nothing.
  const leading = /^1*/.exec(text)?.[0].length ?? 0;
  const digits = number.toString(16);
  const hex = '00'.repeat(leading) + (digits.length % 2 ? '0' : '') + digits;
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
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

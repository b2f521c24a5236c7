import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { parseStoreAddress, printStoreAddress, type StoreAddress } from './store-address.ts';

/**
 * The address of a store in few bytes, for a field of a chain: a byte of form, then the address.
 *
 * - 0: its text in UTF-8
 * - 1: a bucket of R2 with its key, whose hex digits become bytes: account (16), key id (16), secret (32), bucket's name
 */
const TEXT = 0;
const R2 = 1;
const R2_HOST = /^([0-9a-f]{32})\.r2\.cloudflarestorage\.com$/;
const isHex = (text: string, digits: number): boolean => text.length === digits && /^[0-9a-f]+$/.test(text);

export function packStoreAddress(address: StoreAddress): Uint8Array {
  return packedR2(address) ?? Uint8Array.of(TEXT, ...utf8ToBytes(printStoreAddress(address)));
}

/** @returns null for bytes that are no address, or that would be packed otherwise */
export function unpackStoreAddress(bytes: Uint8Array): StoreAddress | null {
  const address = parseStoreAddress(textIn(bytes) ?? '');
  return address && sameBytes(packStoreAddress(address), bytes) ? address : null;
}

function packedR2(address: StoreAddress): Uint8Array | null {
  if (address.kind !== 's3' || !address.readKey) return null;
  const [, account] = R2_HOST.exec(address.endpoint) ?? [];
  const { keyId, secretKey } = address.readKey;
  if (account === undefined || !isHex(keyId, 32) || !isHex(secretKey, 64)) return null;
  const packed = hexToBytes(account + keyId + secretKey);
  return Uint8Array.of(R2, ...packed, ...utf8ToBytes(address.bucket));
}

function textIn(bytes: Uint8Array): string | null {
  const [form] = bytes;
  if (form === TEXT) return utf8(bytes.subarray(1));
  if (form !== R2 || bytes.length <= 65) return null;
  const hexOf = (from: number, to: number) => bytesToHex(bytes.subarray(from, to));
  const bucket = utf8(bytes.subarray(65));
  return `s3:${hexOf(1, 17)}.r2.cloudflarestorage.com/${bucket}#${hexOf(17, 33)}:${hexOf(33, 65)}`;
}

/** What is no UTF-8 becomes another text, and is refused where it is compared. */
const utf8 = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

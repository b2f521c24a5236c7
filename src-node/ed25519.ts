import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { SignEd25519, VerifyEd25519 } from '../src-shared/rounds/signed.ts';
import { type Hex, hex } from '../src-shared/units.ts';

/** DER frames around a raw Ed25519 seed and a raw public key (RFC 8410). */
const SEED_FRAME = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_FRAME = Buffer.from('302a300506032b6570032100', 'hex');
/** Parsed keys kept: a group and its witnesses. */
const MAX_KEYS = 256;

export interface Ed25519Key {
  /** Raw public key, hex. */
  readonly publicKey: Hex;
  readonly sign: SignEd25519;
}

/** @param seed 32 bytes */
export function ed25519FromSeed(seed: Uint8Array): Ed25519Key {
  const key = createPrivateKey({ key: Buffer.concat([SEED_FRAME, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_FRAME.length);
  return { publicKey: hex(raw.toString('hex')), sign: (message) => sign(null, message, key) };
}

const parsed = new Map<string, KeyObject>();

export const verifyEd25519: VerifyEd25519 = (message, signature, publicKey) =>
  publicKey.length === 32 && signature.length === 64 && verify(null, message, keyOf(publicKey), signature);

function keyOf(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw).toString('hex');
  const known = parsed.get(name);
  if (known) return known;
  if (parsed.size >= MAX_KEYS) parsed.clear();
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_FRAME, raw]), format: 'der', type: 'spki' });
  parsed.set(name, key);
  return key;
}

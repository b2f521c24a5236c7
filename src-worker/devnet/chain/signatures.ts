import { createPublicKey, verify as verifyEd25519 } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { verify as isSignedSr25519 } from '@scure/sr25519';
import { concat } from '../scale/hex.ts';
import { hash256 } from './header.ts';

/** @throws for what is no signature or no key at all */
type IsSigned = (message: Uint8Array, signature: Uint8Array, account: Uint8Array) => boolean;

interface Scheme {
  readonly bytes: number;
  readonly isSigned: IsSigned;
}

/** By the number that stands before a signature. */
const SCHEMES: readonly Scheme[] = [
  { bytes: 64, isSigned: isSignedEd25519 },
  { bytes: 64, isSigned: isSignedSr25519 },
  { bytes: 65, isSigned: isSignedEcdsa },
];

/** Bytes of a signature of this scheme; undefined for a scheme that there is not. */
export const signatureBytes = (scheme: number): number | undefined => SCHEMES[scheme]?.bytes;

/** @param message as it was signed: for all schemes the same */
export function isSignature(scheme: number, ...signed: Parameters<IsSigned>): boolean {
  try {
    return SCHEMES[scheme]?.isSigned(...signed) ?? false;
  } catch {
    return false; // points off the curve throw
  }
}

function isSignedEd25519(message: Uint8Array, signature: Uint8Array, account: Uint8Array): boolean {
  const x = Buffer.from(account).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verifyEd25519(null, message, key, signature);
}

/**
 * An account of this scheme is no key but the BLAKE2b-256 of one, compressed: the key is found from the signature,
 * r ‖ s ‖ v, over the BLAKE2b-256 of the message. Ethereum's v, which counts from 27, is taken too, as on Substrate.
 */
function isSignedEcdsa(message: Uint8Array, signature: Uint8Array, account: Uint8Array): boolean {
  const v = signature[64] ?? 0;
  const recovered = concat(Uint8Array.of(v > 26 ? v - 27 : v), signature.subarray(0, 64));
  const key = secp256k1.Signature.fromBytes(recovered, 'recovered').recoverPublicKey(hash256(message));
  return Buffer.compare(hash256(key.toBytes(true)), account) === 0;
}

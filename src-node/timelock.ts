import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bytesToNumberBE, equalBytes, numberToBytesLE } from '@noble/curves/utils.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { MAX_COMMIT_BYTES } from '../src-shared/chain/timelock.ts';

/**
 * Encryption to a round of a drand beacon: whoever holds the round's pulse can read it, and nobody before. Byte for
 * byte what Subtensor decrypts (crate `tle`, revision 5416406): Boneh-Franklin on BLS12-381 made safe against chosen
 * ciphertexts by Fujisaki-Okamoto, around AES-256-GCM.
 *
 * Layout: U (96, on G2) | len V (32) | len W (32) | len body | len suite, where len is a u64, little endian, and the
 * body is len ciphertext-and-tag | len nonce (12).
 */
const { G1, G2, fields, millerLoopBatch, pairing, utils } = bls12_381;
const SUITE = utf8ToBytes('AES_GCM_');
const SIGNATURE_DOMAIN = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_';
const [POINT_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES, LENGTH_BYTES] = [96, 32, 12, 16, 8] as const;
const FIELD_BYTES = 48;

type Target = typeof fields.Fp12.ONE;
type Lines = ReturnType<typeof utils.calcPairingPrecomputes>;

/** Bytes nobody can foresee, so many. */
export type Random = (length: number) => Uint8Array;

/**
 * @param publicKey of the beacon, 96 bytes on G2
 * @throws {RangeError} for a round that is no u64; another error for bytes that are no key
 */
export function encryptTimelocked(
  plain: Uint8Array,
  round: number | bigint,
  publicKey: Uint8Array,
  random: Random = randomBytes,
): Uint8Array {
  const [key, sigma, nonce] = [random(KEY_BYTES), random(KEY_BYTES), random(NONCE_BYTES)];
  const r = exponent(sigma, key);
  // e(Q, r PK) = e(r Q, PK), and G1 is the cheaper side to multiply on.
  const { x, y } = roundPoint(round).multiply(r).toAffine();
  const shared = fields.Fp12.finalExponentiate(millerLoopBatch([[linesOf(publicKey), x, y]]));
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = concatBytes(cipher.update(plain), cipher.final(), cipher.getAuthTag());
  return concatBytes(
    G2.Point.BASE.multiply(r).toBytes(true),
    prefixed(xor(sigma, sha256(targetBytes(shared)))),
    prefixed(xor(key, sha256(sigma))),
    prefixed(concatBytes(prefixed(sealed), prefixed(nonce))),
    prefixed(SUITE),
  );
}

/**
 * @param signature the pulse of the round, 48 bytes on G1
 * @returns null when bytes were changed, the pulse is of another round, or either is nothing of the kind
 */
export function decryptTimelocked(cipher: Uint8Array, signature: Uint8Array): Uint8Array | null {
  const parts = parse(cipher);
  if (!parts) return null;
  try {
    const u = G2.Point.fromBytes(parts.u);
    const pulse = G1.Point.fromBytes(signature);
    u.assertValidity();
    pulse.assertValidity();
    const sigma = xor(parts.v, sha256(targetBytes(pairing(pulse, u))));
    const key = xor(parts.w, sha256(sigma));
    if (!equalBytes(G2.Point.BASE.multiply(exponent(sigma, key)).toBytes(true), parts.u)) return null;
    return open(parts, key);
  } catch {
    // Points off the curve, outside the group or at infinity, and a tag that does not fit: all are foreign bytes.
    return null;
  }
}

/** The pulse of a round: what the beacon signs is the round's number alone. @param secret below the group's order */
export const pulseOf = (secret: bigint, round: number | bigint): Uint8Array =>
  roundPoint(round).multiply(secret).toBytes(true);

/** Public key of a beacon, 96 bytes on G2. */
export const beaconKeyOf = (secret: bigint): Uint8Array => G2.Point.BASE.multiply(secret).toBytes(true);

/** A secret for a beacon of one's own, made from any bytes. */
export const beaconSecretFrom = (seed: Uint8Array): bigint => groupNumber(sha256(seed));

function roundPoint(round: number | bigint) {
  const bytes = new Uint8Array(8);
  if (BigInt(round) < 0n || BigInt(round) >> 64n !== 0n) throw new RangeError('a round is a u64');
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round));
  return G1.hashToCurve(sha256(bytes), { DST: SIGNATURE_DOMAIN });
}

const exponent = (sigma: Uint8Array, key: Uint8Array): bigint => groupNumber(sha256(concatBytes(sigma, key)));
const groupNumber = (bytes: Uint8Array): bigint => bytesToNumberBE(bytes) % G2.Point.Fn.ORDER;

let lastKey: { readonly bytes: Uint8Array; readonly lines: Lines } | null = null;

/**
 * The half of a pairing that is the key's alone. There is one beacon: that the point is in the group, and the lines
 * through its multiples, are worked out once.
 */
function linesOf(publicKey: Uint8Array): Lines {
  if (lastKey && equalBytes(lastKey.bytes, publicKey)) return lastKey.lines;
  const point = G2.Point.fromBytes(publicKey);
  point.assertValidity();
  const lines = utils.calcPairingPrecomputes(point);
  lastKey = { bytes: publicKey.slice(), lines };
  return lines;
}

/** Twelve coordinates, each 48 bytes little endian, the lowest first: how arkworks writes it, unlike the curve library. */
const targetBytes = ({ c0, c1 }: Target): Uint8Array =>
  concatBytes(
    ...[c0, c1]
      .flatMap((half) => [half.c0, half.c1, half.c2])
      .flatMap((pair) => [numberToBytesLE(pair.c0, FIELD_BYTES), numberToBytesLE(pair.c1, FIELD_BYTES)]),
  );

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));

function prefixed(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return concatBytes(length, bytes);
}

interface Parts {
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly w: Uint8Array;
  readonly sealed: Uint8Array;
  readonly nonce: Uint8Array;
}

function parse(cipher: Uint8Array): Parts | null {
  if (cipher.length > MAX_COMMIT_BYTES || cipher.length < POINT_BYTES) return null;
  const outer = chunks(cipher.subarray(POINT_BYTES));
  const inner = chunks(outer?.[2] ?? new Uint8Array());
  if (outer?.length !== 4 || inner?.length !== 2) return null;
  const [[v, w, , suite], [sealed, nonce]] = [outer, inner];
  if (!v || !w || !suite || !sealed || !nonce) return null;
  const fits = v.length === KEY_BYTES && w.length === KEY_BYTES && nonce.length === NONCE_BYTES;
  if (!fits || sealed.length < TAG_BYTES || !equalBytes(suite, SUITE)) return null;
  return { u: cipher.slice(0, POINT_BYTES), v, w, sealed, nonce };
}

/** All that length prefixes cut the bytes into; null when the last does not end where they end. */
function chunks(bytes: Uint8Array): Uint8Array[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + LENGTH_BYTES > bytes.length) return null;
    const length = view.getBigUint64(at, true);
    at += LENGTH_BYTES;
    if (length > BigInt(bytes.length - at)) return null;
    found.push(bytes.subarray(at, at + Number(length)));
    at += Number(length);
  }
  return found;
}

/** @throws when the tag does not fit */
function open({ sealed, nonce }: Parts, key: Uint8Array): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return new Uint8Array(concatBytes(decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()));
}

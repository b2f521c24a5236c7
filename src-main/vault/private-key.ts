import { getPublicKey } from '@scure/sr25519';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../src-shared/units.ts';

/** An sr25519 key pair, its secret in the form in which it signs. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  /** Scalar times the curve's cofactor 8, then the nonce: as polkadot-js has it, and Ed25519 expands it. */
  readonly secretKey: Uint8Array;
}

/** Of the group that the curve's points are in: RFC 8032, section 5.1. */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
const SCALAR_BYTES = 32;
const KEY_BYTES = 64;

/** The pair of a secret in the form in which wallets of this field write it: scalar and nonce. @throws {RangeError} */
export function pairOfCanonical(privateKey: Uint8Array): KeyPair {
  const scalar = scalarOf(privateKey);
  if (privateKey.length !== KEY_BYTES || scalar === 0n || scalar >= ORDER)
    throw new RangeError('no scalar of the curve');
  return pairOfScalar(scalar, privateKey);
}

/** The pair of a secret as polkadot-js has it. @throws {RangeError} */
export function pairOfExpanded(secretKey: Uint8Array): KeyPair {
  const eightfold = scalarOf(secretKey);
  if (secretKey.length !== KEY_BYTES || eightfold === 0n || eightfold % 8n !== 0n || eightfold / 8n >= ORDER)
    throw new RangeError('no scalar of the curve');
  return pairOfScalar(eightfold / 8n, secretKey);
}

/** Scalar and nonce of a pair, as wallets write them. */
export function canonicalOf({ secretKey }: KeyPair): Uint8Array {
  const bytes = secretKey.slice();
  bytes.set(bytesOfScalar(scalarOf(secretKey) / 8n));
  return bytes;
}

/** The pairs that 64 bytes may stand for, in either form; the likelier one first. */
export const pairsOf = (bytes: Uint8Array): readonly KeyPair[] =>
  [pairOfCanonical, pairOfExpanded].flatMap((read) => orNone(() => read(bytes)));

/**
 * The pair of 64 bytes of which nobody says the form. Who knows the account decides; otherwise the size does, for a
 * scalar of the curve is smaller than nearly every eightfold one.
 * @param account what it has to be of; null: not known
 * @throws {AppError} KEY_PRIVATE_INVALID, KEY_PRIVATE_OTHER
 */
export function pairOfPrivateKey(bytes: Uint8Array, account: Ss58 | null): KeyPair {
  const pairs = pairsOf(bytes);
  const [likely] = pairs;
  if (!likely) throw new AppError('KEY_PRIVATE_INVALID');
  if (account === null) return likely;
  const found = pairs.find(({ publicKey }) => addressOf(publicKey) === account);
  if (!found) throw new AppError('KEY_PRIVATE_OTHER', { address: account });
  return found;
}

function pairOfScalar(scalar: bigint, of: Uint8Array): KeyPair {
  const secretKey = of.slice();
  secretKey.set(bytesOfScalar(scalar * 8n));
  return { publicKey: getPublicKey(secretKey), secretKey };
}

const scalarOf = (bytes: Uint8Array): bigint =>
  bytes.subarray(0, SCALAR_BYTES).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const bytesOfScalar = (scalar: bigint): Uint8Array =>
  Uint8Array.from({ length: SCALAR_BYTES }, (_, at) => Number((scalar >> BigInt(8 * at)) & 255n));

function orNone<T>(read: () => T): readonly T[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}

import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Hex } from '../units.ts';
import type { Contributors } from './bitmap.ts';

/** What a result says of itself besides who signed it. */
export interface ResultClaim {
  readonly contributors: Contributors;
  /** Sum of the contributors' weights. */
  readonly divisor: number;
  /** SHA-256 of the encoded values. */
  readonly digest: Hex;
}

/**
 * What is signed of a result: a member that passes it on cannot change it, two of one signer are a proof, and so is
 * one whose values are not the mean of its contributors.
 */
export const resultStatement = (
  rosterDigest: Hex,
  chunk: number,
  { contributors, divisor, digest }: ResultClaim,
): Uint8Array =>
  utf8ToBytes(`dt1-result\n${rosterDigest}\n${chunk}\n${contributors.toString(16)}\n${divisor}\n${digest}`);

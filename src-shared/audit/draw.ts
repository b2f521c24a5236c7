import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Sha256 } from '../reduce/merkle.ts';
import type { Hex, Ss58 } from '../units.ts';

/** What a draw hangs on. */
export interface AuditSeed {
  /** Of a block that was not there yet when the results were signed: nobody who alters one knows where it is looked. */
  readonly blockHash: Hex;
  readonly rosterDigest: Hex;
  /** Each auditor looks elsewhere, so that several see more; and anybody can tell that it did not choose. */
  readonly auditor: Ss58;
}

/**
 * Draws chunks without repetition: the first steps of a shuffle.
 * @param candidates chunks that have a result, in rising order
 * @returns `count` of them, or all where there are fewer
 */
export function auditedChunks(
  seed: AuditSeed,
  candidates: readonly number[],
  count: number,
  sha256: Sha256,
): number[] {
  const left = [...candidates];
  const drawn = Math.min(count, left.length);
  for (let i = 0; i < drawn; i++) {
    const at = i + Number((draw(seed, i, sha256) * BigInt(left.length - i)) >> 64n);
    [left[i], left[at]] = [left[at]!, left[i]!];
  }
  return left.slice(0, drawn);
}

/** The first u64 of SHA-256 over a text of seed and place. */
function draw({ blockHash, rosterDigest, auditor }: AuditSeed, place: number, sha256: Sha256): bigint {
  const digest = sha256(utf8ToBytes(`butterfly/audit/${blockHash}/${rosterDigest}/${auditor}/${place}`));
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0, true);
}

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from '../units.ts';
import type { LineageEntry } from './messages.ts';

/**
 * Names of committed states. Each id hashes its parent, so a list of (round, roster digest, results digest, base
 * digest) that leads to an id on chain is the run's whole history (ROUNDS.md section 2).
 */
const DIGEST_BYTES = 32;

/**
 * The id of the state that a round leaves behind:
 * SHA-256(parent id, round as u32 little endian, roster digest, results digest, base digest), 132 bytes in all. The
 * results digest binds whose contributions are in it.
 * @throws {RangeError} when the round does not fit 32 bits or a digest has not 32 bytes.
 */
export function resultId(parent: Hex, { round, rosterDigest, resultsDigest, baseDigest }: LineageEntry): Hex {
  if (!Number.isInteger(round) || round < 0 || round > 0xffff_ffff)
    throw new RangeError('round does not fit 32 bits');
  const record = new Uint8Array(4 * DIGEST_BYTES + 4);
  record.set(digestBytes(parent), 0);
  new DataView(record.buffer).setUint32(DIGEST_BYTES, round, true);
  record.set(digestBytes(rosterDigest), DIGEST_BYTES + 4);
  record.set(digestBytes(resultsDigest), 2 * DIGEST_BYTES + 4);
  record.set(digestBytes(baseDigest), 3 * DIGEST_BYTES + 4);
  return hex(bytesToHex(sha256(record)));
}

/** The id of the initial weights: SHA-256(profile hash, base digest). 64 bytes, so never the preimage of a result. */
export function genesisId(profileHash: Hex, baseDigest: Hex): Hex {
  const record = new Uint8Array(2 * DIGEST_BYTES);
  record.set(digestBytes(profileHash), 0);
  record.set(digestBytes(baseDigest), DIGEST_BYTES);
  return hex(bytesToHex(sha256(record)));
}

function digestBytes(digest: Hex): Uint8Array {
  const bytes = hexToBytes(digest);
  if (bytes.length !== DIGEST_BYTES) throw new RangeError('a digest has 32 bytes');
  return bytes;
}

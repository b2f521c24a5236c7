import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Contributors } from '../reduce/bitmap.ts';
import { inOneGo, merkleRootInPortions, PORTION_HASHES, type Sha256 } from '../reduce/merkle.ts';
import { type Hex, hex } from '../units.ts';

/**
 * The results list of a round (ROUNDS section 5): of each chunk which result counts, or that none does. All members
 * compute from it, so late, standby and unequal answers split nobody. Its root is the results digest of the round's id.
 */

/** A result by what it says of itself. */
export interface ResultLeaf {
  /** Roster index of who summed and signed it: the chunk's reducer or its standby. */
  readonly signer: number;
  readonly contributors: Contributors;
  /** Sum of the contributors' weights. */
  readonly divisor: number;
  /** SHA-256 of the encoded values. */
  readonly digest: Hex;
}

/** One for each chunk of the grid, in order; null is none. */
export type ResultsList = readonly (ResultLeaf | null)[];

/** Signer u8 (255: none, and all else 0), contributors u64, divisor u32, digest; little endian. */
export const LEAF_BYTES = 45;
const NONE = 255;
const MOST_MEMBERS = 64;
const DIGEST_AT = 13;

/** @throws {RangeError} when a leaf does not fit its layout: a defect of the caller */
export function encodeResultsList(list: ResultsList): Uint8Array {
  const bytes = new Uint8Array(list.length * LEAF_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [chunk, leaf] of list.entries()) {
    const at = chunk * LEAF_BYTES;
    bytes[at] = leaf?.signer ?? NONE;
    if (leaf === null) continue;
    const digest = hexToBytes(leaf.digest);
    if (leaf.signer >= MOST_MEMBERS || digest.length !== 32) throw new RangeError('leaf does not fit');
    view.setBigUint64(at + 1, leaf.contributors, true);
    view.setUint32(at + 9, leaf.divisor, true);
    bytes.set(digest, at + DIGEST_AT);
  }
  return bytes;
}

/**
 * Reads a list from outside.
 * @returns null where it has not one leaf for each of `chunks`, or one of them is written in no way or in another one
 */
export function decodeResultsList(bytes: Uint8Array, chunks: number): ResultsList | null {
  if (bytes.length !== chunks * LEAF_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const list: (ResultLeaf | null)[] = [];
  for (let at = 0; at < bytes.length; at += LEAF_BYTES) {
    const signer = bytes[at]!;
    const rest = bytes.subarray(at + 1, at + LEAF_BYTES);
    if (signer === NONE && rest.every((byte) => byte === 0)) list.push(null);
    else if (signer >= MOST_MEMBERS) return null;
    else
      list.push({
        signer,
        contributors: view.getBigUint64(at + 1, true),
        divisor: view.getUint32(at + 9, true),
        digest: hex(bytesToHex(bytes.subarray(at + DIGEST_AT, at + LEAF_BYTES))),
      });
  }
  return list;
}

/** The results digest: Merkle root over the SHA-256 of each encoded leaf. */
export const resultsDigest = (list: ResultsList, sha256: Sha256): Hex =>
  inOneGo(resultsDigestInPortions(list, sha256));

/** The same in portions: the 16,000 chunks of 1.1 B in one go would hold a process for up to a second. */
export function* resultsDigestInPortions(list: ResultsList, sha256: Sha256): Generator<void, Hex> {
  const bytes = encodeResultsList(list);
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += LEAF_BYTES) {
    if (leaves.length % PORTION_HASHES === 0) yield;
    leaves.push(sha256(bytes.subarray(at, at + LEAF_BYTES)));
  }
  return hex(bytesToHex(yield* merkleRootInPortions(leaves, sha256)));
}

export const sameLeaf = (a: ResultLeaf | null, b: ResultLeaf | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.signer === b.signer &&
    a.contributors === b.contributors &&
    a.divisor === b.divisor &&
    a.digest === b.digest);

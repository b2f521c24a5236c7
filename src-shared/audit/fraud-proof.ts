import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { membersOf } from '../reduce/bitmap.ts';
import type { ChunkGrid } from '../reduce/chunks.ts';
import type { ResultLeaf } from '../rounds/results-list.ts';
import { type Hex, hex } from '../units.ts';
import type { AuditInput } from './inputs.ts';
import { PATH_MAX } from './limits.ts';

/** A result as its signer signed it, without the values: their digest is what the signature is over. */
export interface SignedLeaf extends ResultLeaf {
  /** Ed25519, 64 bytes, over `resultStatement`. */
  readonly signature: Uint8Array;
}

/**
 * A signed result and all that went into it. It accuses the signer, whose own signature stands in it; whoever has the
 * roster and the signer's key can tell whether it is right (`uphold.ts`), so it does not matter who wrote it down.
 */
export interface FraudProof {
  readonly rosterDigest: Hex;
  readonly chunk: number;
  readonly result: SignedLeaf;
  /** One for each contributor, in roster order. */
  readonly inputs: readonly AuditInput[];
}

/**
 * Little endian: version u8, roster digest, chunk u32, signer u8, contributors u64, divisor u32, digest of the values,
 * signature; then of each contributor the length of its chunk u32, the chunk, the number of siblings u8, the siblings.
 * There is one way to write a proof, so its SHA-256 names it.
 */
const VERSION = 1;
const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;
const HEAD_BYTES = 1 + HASH_BYTES + 4 + 1 + 8 + 4 + HASH_BYTES + SIGNATURE_BYTES;
const MEMBERS_MAX = 64;
/** A value of the widest codec. */
const VALUE_BYTES_MAX = 4;

/** Bytes of a proof at most: 64 whole chunks, each with its path. */
export const fraudProofMaxBytes = ({ chunkElements }: Pick<ChunkGrid, 'chunkElements'>): number =>
  HEAD_BYTES + MEMBERS_MAX * (4 + VALUE_BYTES_MAX * chunkElements + 1 + PATH_MAX * HASH_BYTES);

export function encodeFraudProof({ rosterDigest, chunk, result, inputs }: FraudProof): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  const view = new DataView(head.buffer);
  head[0] = VERSION;
  head.set(hexToBytes(rosterDigest), 1);
  view.setUint32(33, chunk, true);
  head[37] = result.signer;
  view.setBigUint64(38, result.contributors, true);
  view.setUint32(46, result.divisor, true);
  head.set(hexToBytes(result.digest), 50);
  head.set(result.signature, 82);
  return concatBytes(head, ...inputs.flatMap(encodeInput));
}

function encodeInput({ bytes, path }: AuditInput): Uint8Array[] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return [length, bytes, Uint8Array.of(path.length), ...path];
}

/**
 * Reads a proof from outside; what it says is not judged here. Nothing is copied: chunks and siblings are views.
 * @returns null where the bytes are no proof, or are written in another way than `encodeFraudProof` would
 */
export function decodeFraudProof(bytes: Uint8Array): FraudProof | null {
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const digestAt = (from: number): Hex => hex(bytesToHex(bytes.subarray(from, from + HASH_BYTES)));
  const result: SignedLeaf = {
    signer: bytes[37]!,
    contributors: view.getBigUint64(38, true),
    divisor: view.getUint32(46, true),
    digest: digestAt(50),
    signature: bytes.subarray(82, HEAD_BYTES),
  };
  const inputs = decodeInputs(bytes, view, membersOf(result.contributors).length);
  if (result.signer >= MEMBERS_MAX || !inputs) return null;
  return { rosterDigest: digestAt(1), chunk: view.getUint32(33, true), result, inputs };
}

/** All of them, to the last byte; null where they are fewer or more. */
function decodeInputs(bytes: Uint8Array, view: DataView, count: number): AuditInput[] | null {
  const inputs: AuditInput[] = [];
  let at = HEAD_BYTES;
  while (inputs.length < count) {
    if (at + 4 > bytes.length) return null;
    const from = at + 4;
    const end = from + view.getUint32(at, true);
    if (end >= bytes.length) return null;
    const siblings = bytes[end]!;
    at = end + 1 + siblings * HASH_BYTES;
    if (siblings > PATH_MAX || at > bytes.length) return null;
    const path = Array.from({ length: siblings }, (_, i) =>
      bytes.subarray(end + 1 + i * HASH_BYTES, end + 1 + (i + 1) * HASH_BYTES),
    );
    inputs.push({ bytes: bytes.subarray(from, end), path });
  }
  return at === bytes.length ? inputs : null;
}

import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from '../units.ts';

/**
 * Merkle trees over SHA-256 digests of pieces, shaped as in RFC 6962: a node without a sibling moves up unchanged.
 * Leaves, inner nodes and the root with its count are hashed under different first bytes, so that none can stand
 * for another. The hash comes as a parameter: native where there is Node, JavaScript elsewhere.
 */
export type Sha256 = (data: Uint8Array) => Uint8Array;

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);
const ROOT = Uint8Array.of(2);
/** A few milliseconds, also on a busy machine. */
export const PORTION_HASHES = 256;

/** @param leaves SHA-256 of each piece, in order, at least one */
export function merkleRoot(leaves: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  return rootOf(levelsOf(leaves, sha256), leaves.length, sha256);
}

/** The same in portions of some hundred hashes, between which whoever runs it may let others have their turn. */
export function* merkleRootInPortions(
  leaves: readonly Uint8Array[],
  sha256: Sha256,
): Generator<void, Uint8Array> {
  return rootOf(yield* growLevels(leaves, sha256), leaves.length, sha256);
}

/** Runs portions to their end without a pause. */
export function inOneGo<T>(work: Iterator<unknown, T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** All levels, leaves first; for those who hand out many paths. */
export function merkleLevels(leaves: readonly Uint8Array[], sha256: Sha256): MerkleLevels {
  const levels = levelsOf(leaves, sha256);
  return { levels, root: rootOf(levels, leaves.length, sha256) };
}

export interface MerkleLevels {
  readonly levels: readonly (readonly Uint8Array[])[];
  readonly root: Uint8Array;
}

/** The siblings from a leaf upwards. */
export function merklePath({ levels }: MerkleLevels, index: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  let at = index;
  for (const level of levels.slice(0, -1)) {
    const sibling = level[at ^ 1];
    if (sibling) path.push(sibling);
    at >>= 1;
  }
  return path;
}

/** Whether the piece with this digest is number `index` of `count` under the root. */
export function verifyMerklePath(
  proof: {
    readonly leaf: Uint8Array;
    readonly index: number;
    readonly count: number;
    readonly path: readonly Uint8Array[];
    readonly root: Uint8Array;
  },
  sha256: Sha256,
): boolean {
  const { leaf, count, path, root } = proof;
  if (!Number.isSafeInteger(proof.index) || proof.index < 0 || proof.index >= count) return false;
  let node = sha256(concatBytes(LEAF, leaf));
  let at = proof.index;
  let used = 0;
  for (let width = count; width > 1; width = Math.ceil(width / 2)) {
    if ((at ^ 1) < width) {
      const sibling = path[used++];
      if (sibling?.length !== 32) return false;
      node = sha256(at % 2 === 0 ? concatBytes(INNER, node, sibling) : concatBytes(INNER, sibling, node));
    }
    at >>= 1;
  }
  return used === path.length && equalBytes(closeRoot(node, count, sha256), root);
}

/** Root over leaf digests in hex: of a contribution's encoded chunks, or of a state file's pieces. */
export const rootOfHexLeaves = (leaves: readonly string[], sha256: Sha256): Hex =>
  hex(bytesToHex(merkleRoot(leaves.map(hexToBytes), sha256)));

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const levelsOf = (leaves: readonly Uint8Array[], sha256: Sha256): Uint8Array[][] =>
  inOneGo(growLevels(leaves, sha256));

function* growLevels(leaves: readonly Uint8Array[], sha256: Sha256): Generator<void, Uint8Array[][]> {
  if (leaves.length === 0) throw new RangeError('a tree has at least one leaf');
  let level: Uint8Array[] = [];
  for (const leaf of leaves) {
    if (level.length % PORTION_HASHES === 0) yield;
    level.push(sha256(concatBytes(LEAF, leaf)));
  }
  const levels = [level];
  while (level.length > 1) {
    const below = level;
    level = [];
    for (let i = 0; i < below.length; i += 2) {
      if (level.length % PORTION_HASHES === 0) yield;
      const right = below[i + 1];
      level.push(right ? sha256(concatBytes(INNER, below[i]!, right)) : below[i]!);
    }
    levels.push(level);
  }
  return levels;
}

const rootOf = (levels: readonly Uint8Array[][], count: number, sha256: Sha256): Uint8Array =>
  closeRoot(levels.at(-1)![0]!, count, sha256);

function closeRoot(top: Uint8Array, count: number, sha256: Sha256): Uint8Array {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(count), true);
  return sha256(concatBytes(ROOT, size, top));
}

import { bytesToHex } from '@noble/hashes/utils.js';
import { type Hex, hex } from '../units.ts';
import { merkleRoot, type Sha256 } from './merkle.ts';

/**
 * The base digest: Merkle root over the SHA-256 of the pieces (1 MiB by profile) of base, then outer momentum,
 * float32 little endian. The last piece may be shorter.
 */
export const stateSizeBytes = (elements: number): number => elements * 8;

export const pieceCount = (sizeBytes: number, pieceBytes: number): number =>
  Math.ceil(sizeBytes / pieceBytes);

export const pieceLength = (sizeBytes: number, pieceBytes: number, piece: number): number =>
  Math.min(pieceBytes, sizeBytes - piece * pieceBytes);

/** Leaf digests of a state and their root. */
export interface DigestedState {
  readonly digest: Hex;
  readonly leaves: readonly Uint8Array[];
}

/** Takes a state in portions of any size, in order. */
export class StateDigest {
  readonly #pieces: PieceDigests<Uint8Array>;
  readonly #sha256: Sha256;

  constructor(pieceBytes: number, sha256: Sha256) {
    this.#pieces = new PieceDigests(pieceBytes, sha256);
    this.#sha256 = sha256;
  }

  update(bytes: Uint8Array): void {
    this.#pieces.update(bytes);
  }

  /** Ends the state: call it once. */
  finish(): DigestedState {
    return digestOfLeaves(this.#pieces.finish(), this.#sha256);
  }
}

/** Takes the two halves of a state side by side, each in portions of any size, in order. */
export class HalvesDigests<Leaf> {
  readonly #base: PieceDigests<Leaf>;
  readonly #momentum: PieceDigests<Leaf>;
  /** The first bytes of the momentum lie in one piece with the last ones of the base. */
  readonly #seam: Uint8Array;
  #seamFilled = 0;

  constructor(shape: { readonly elements: number; readonly pieceBytes: number }, hash: PieceHash<Leaf>) {
    const { elements, pieceBytes } = shape;
    const halfBytes = stateSizeBytes(elements) / 2;
    const lackingBytes = (pieceBytes - (halfBytes % pieceBytes)) % pieceBytes;
    this.#base = new PieceDigests(pieceBytes, hash);
    this.#momentum = new PieceDigests(pieceBytes, hash);
    this.#seam = new Uint8Array(Math.min(lackingBytes, halfBytes));
  }

  update({ base, momentum }: { readonly base: Uint8Array; readonly momentum: Uint8Array }): void {
    this.#base.update(base);
    const seam = momentum.subarray(0, this.#seam.length - this.#seamFilled);
    this.#seam.set(seam, this.#seamFilled);
    this.#seamFilled += seam.length;
    this.#momentum.update(momentum.subarray(seam.length));
  }

  /** Ends the state: call it once, when both halves are whole. @returns leaves of the state from front to back */
  finish(): readonly Leaf[] {
    this.#base.update(this.#seam);
    return [...this.#base.finish(), ...this.#momentum.finish()];
  }
}

/** The digest of a state whose pieces have these digests. */
export const digestOfLeaves = (leaves: readonly Uint8Array[], sha256: Sha256): DigestedState => ({
  digest: hex(bytesToHex(merkleRoot(leaves, sha256))),
  leaves,
});

/** The digest of a piece, at once or to come. It has read its bytes when it returns. */
export type PieceHash<Leaf> = (piece: Uint8Array) => Leaf;

/** The digest of each piece of what comes in portions of any size, in order. */
export class PieceDigests<Leaf> {
  readonly #pieceBytes: number;
  readonly #hash: PieceHash<Leaf>;
  readonly #leaves: Leaf[] = [];
  readonly #open: Uint8Array;
  #filled = 0;

  constructor(pieceBytes: number, hash: PieceHash<Leaf>) {
    this.#pieceBytes = pieceBytes;
    this.#hash = hash;
    this.#open = new Uint8Array(pieceBytes);
  }

  update(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#filled === 0 && rest.length >= this.#pieceBytes) {
        this.#leaves.push(this.#hash(rest.subarray(0, this.#pieceBytes)));
        rest = rest.subarray(this.#pieceBytes);
        continue;
      }
      const taken = rest.subarray(0, this.#pieceBytes - this.#filled);
      this.#open.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#filled === this.#pieceBytes) this.#close();
    }
  }

  /** Closes a last piece that is shorter. */
  finish(): readonly Leaf[] {
    if (this.#filled > 0) this.#close();
    return this.#leaves;
  }

  #close(): void {
    this.#leaves.push(this.#hash(this.#open.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}

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

/** Takes a state in portions of any size, in order. */
export class StateDigest {
  readonly #pieceBytes: number;
  readonly #sha256: Sha256;
  readonly #leaves: Uint8Array[] = [];
  readonly #open: Uint8Array;
  #filled = 0;

  constructor(pieceBytes: number, sha256: Sha256) {
    this.#pieceBytes = pieceBytes;
    this.#sha256 = sha256;
    this.#open = new Uint8Array(pieceBytes);
  }

  update(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#filled === 0 && rest.length >= this.#pieceBytes) {
        this.#leaves.push(this.#sha256(rest.subarray(0, this.#pieceBytes)));
        rest = rest.subarray(this.#pieceBytes);
        continue;
      }
      const taken = rest.subarray(0, this.#pieceBytes - this.#filled);
      this.#open.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#filled === this.#pieceBytes) this.#closePiece();
    }
  }

  /** Leaf digests and root. Ends the state: call it once. */
  finish(): { readonly digest: Hex; readonly leaves: readonly Uint8Array[] } {
    if (this.#filled > 0) this.#closePiece();
    return { digest: hex(bytesToHex(merkleRoot(this.#leaves, this.#sha256))), leaves: this.#leaves };
  }

  #closePiece(): void {
    this.#leaves.push(this.#sha256(this.#open.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}

import { webcrypto } from 'node:crypto';
import { sha256 } from '../../../src-node/sha256.ts';
import { digestOfLeaves, HalvesDigests, PieceDigests } from '../../../src-shared/reduce/state-digest.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { HASHES_AT_ONCE, SEAL_PIECE_BYTES } from '../limits.ts';

/**
 * SHA-256 on the threads of Node's pool: gigabytes are hashed beside what the loop does. A piece is copied when it is
 * handed over, so whoever owns its bytes may write to them at once.
 */
class PooledHash {
  /** In the order in which they began, which is about that in which they end. */
  readonly #begun: Promise<unknown>[] = [];

  readonly hash = (piece: Uint8Array): Promise<Uint8Array> => {
    const digest = webcrypto.subtle.digest('SHA-256', piece as Uint8Array<ArrayBuffer>);
    const leaf = digest.then((buffer) => new Uint8Array(buffer));
    // Whoever gives up half way asks for none of them.
    leaf.catch(() => {});
    this.#begun.push(leaf);
    return leaf;
  };

  /** Waits until no more copies are held than may be. */
  async keepsUp(): Promise<void> {
    while (this.#begun.length > HASHES_AT_ONCE) await this.#begun.shift();
  }
}

/** The digest of a state that comes from front to back, in portions of any size. */
export class StateHash {
  readonly #pool = new PooledHash();
  readonly #pieces: PieceDigests<Promise<Uint8Array>>;

  constructor(pieceBytes: number) {
    this.#pieces = new PieceDigests(pieceBytes, this.#pool.hash);
  }

  update(bytes: Uint8Array): Promise<void> {
    this.#pieces.update(bytes);
    return this.#pool.keepsUp();
  }

  /** Ends the state: call it once. */
  async finish(): Promise<Hex> {
    return digestOfLeaves(await Promise.all(this.#pieces.finish()), sha256).digest;
  }
}

/** The same of base and momentum side by side. */
export class HalvesHash {
  readonly #pool = new PooledHash();
  readonly #halves: HalvesDigests<Promise<Uint8Array>>;

  constructor(shape: { readonly elements: number; readonly pieceBytes: number }) {
    this.#halves = new HalvesDigests(shape, this.#pool.hash);
  }

  update(halves: { readonly base: Uint8Array; readonly momentum: Uint8Array }): Promise<void> {
    this.#halves.update(halves);
    return this.#pool.keepsUp();
  }

  /** Ends the state: call it once, when both halves are whole. */
  async finish(): Promise<Hex> {
    return digestOfLeaves(await Promise.all(this.#halves.finish()), sha256).digest;
  }
}

/** What a sealed file ends in: SHA-256 over the SHA-256 of its pieces of 4 MiB, the last of which may be shorter. */
export class SealHash {
  readonly #pool = new PooledHash();
  readonly #pieces = new PieceDigests(SEAL_PIECE_BYTES, this.#pool.hash);

  update(bytes: Uint8Array): Promise<void> {
    this.#pieces.update(bytes);
    return this.#pool.keepsUp();
  }

  /** Ends the file: call it once. */
  async finish(): Promise<Uint8Array> {
    return sha256(Buffer.concat(await Promise.all(this.#pieces.finish())));
  }
}

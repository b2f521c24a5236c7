import { type FileHandle, rm } from 'node:fs/promises';
import { openOrCreate, publish, writeAt } from '../../../src-node/durable.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { equalBytes, merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { pieceCount, pieceLength } from '../../../src-shared/reduce/state-digest.ts';
import type { SpoolDisk } from '../spool-disk.ts';

const DIGEST_BYTES = 32;

export interface PieceFileAt {
  readonly path: string;
  /** Base digest, hex. */
  readonly baseDigest: string;
  readonly sizeBytes: number;
  readonly pieceBytes: number;
}

/**
 * A state on its way: pieces by position in `<path>.part`, the digests of those verified in `<path>.pieces` behind
 * the base digest. After a crash whatever of it is on disk and intact counts; the rest is fetched again.
 */
export class PieceFile {
  readonly pieces: number;
  readonly #at: PieceFileAt;
  readonly #part: FileHandle;
  readonly #index: FileHandle;
  readonly #disk: SpoolDisk;
  readonly #signal: AbortSignal;
  readonly #leaves = new Map<number, Uint8Array>();

  /** @param signal ends the wait for room on a full disk */
  static async open(at: PieceFileAt, disk: SpoolDisk, signal: AbortSignal): Promise<PieceFile> {
    const openPart = (name: string) => disk.step('open', name, signal, () => openOrCreate(name));
    const part = await openPart(`${at.path}.part`);
    const index = await openPart(`${at.path}.pieces`);
    const file = new PieceFile(at, part, index, { disk, signal });
    try {
      await file.#resume();
      return file;
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  }

  private constructor(
    at: PieceFileAt,
    part: FileHandle,
    index: FileHandle,
    { disk, signal }: { readonly disk: SpoolDisk; readonly signal: AbortSignal },
  ) {
    this.#disk = disk;
    this.#signal = signal;
    this.#at = at;
    this.#part = part;
    this.#index = index;
    this.pieces = pieceCount(at.sizeBytes, at.pieceBytes);
  }

  get isComplete(): boolean {
    return this.#leaves.size === this.pieces;
  }

  has(piece: number): boolean {
    return this.#leaves.has(piece);
  }

  get receivedBytes(): number {
    return [...this.#leaves.keys()].reduce((sum, piece) => sum + this.lengthOf(piece), 0);
  }

  lengthOf(piece: number): number {
    return pieceLength(this.#at.sizeBytes, this.#at.pieceBytes, piece);
  }

  /** Keeps a piece that was verified against the base digest. */
  async put(piece: number, bytes: Uint8Array, leaf: Uint8Array): Promise<void> {
    await this.#write(this.#part, bytes, piece * this.#at.pieceBytes);
    await this.#write(this.#index, leaf, DIGEST_BYTES * (piece + 1));
    this.#leaves.set(piece, leaf);
  }

  /** @returns false when the pieces do not make up the state after all; then they are gone */
  async finish(): Promise<boolean> {
    const leaves = Array.from({ length: this.pieces }, (_, i) => this.#leaves.get(i)!);
    const whole = Buffer.from(merkleRoot(leaves, sha256)).toString('hex') === this.#at.baseDigest;
    const { path } = this.#at;
    await this.#part.truncate(this.#at.sizeBytes);
    await this.#disk.step('sync', path, this.#signal, () => this.#part.sync());
    await this.close();
    if (whole) await this.#disk.step('publish', path, this.#signal, () => publish(`${path}.part`, path));
    else await rm(`${this.#at.path}.part`);
    await rm(`${this.#at.path}.pieces`);
    return whole;
  }

  async close(): Promise<void> {
    await this.#part.close();
    await this.#index.close();
  }

  async #resume(): Promise<void> {
    const digest = Buffer.from(this.#at.baseDigest, 'hex');
    const index = new Uint8Array(await this.#index.readFile());
    if (!equalBytes(index.subarray(0, DIGEST_BYTES), digest)) {
      await this.#index.truncate(0);
      await this.#write(this.#index, digest, 0);
      return;
    }
    for (let piece = 0; piece < this.pieces; piece++) {
      const leaf = index.slice(DIGEST_BYTES * (piece + 1), DIGEST_BYTES * (piece + 2));
      if (leaf.length === DIGEST_BYTES && leaf.some((b) => b !== 0) && (await this.#holds(piece, leaf)))
        this.#leaves.set(piece, leaf);
    }
  }

  #write(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
    return this.#disk.step('write', this.#at.path, this.#signal, () => writeAt(file, bytes, position));
  }

  async #holds(piece: number, leaf: Uint8Array): Promise<boolean> {
    const bytes = new Uint8Array(this.lengthOf(piece));
    const { bytesRead } = await this.#part.read(bytes, 0, bytes.length, piece * this.#at.pieceBytes);
    return bytesRead === bytes.length && equalBytes(sha256(bytes), leaf);
  }
}

import type { FileHandle } from 'node:fs/promises';
import { openOrCreate, publish, renamePatiently, writeAt } from '../../../src-node/durable.ts';
import { isThere } from '../../../src-node/is-there.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { equalBytes, merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { pieceCount, pieceLength } from '../../../src-shared/reduce/state-digest.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { HASH_BYTES, readManifest, type StateQuestion } from './protocol.ts';
import type { Wanted } from './wanted.ts';

export interface PieceFileAt {
  readonly path: string;
  /** Base digest, hex. */
  readonly baseDigest: Hex;
  readonly sizeBytes: number;
  readonly pieceBytes: number;
}

/** A state that was whole and then not taken over is begun with: nothing of it has to come once more. */
async function takeBack(path: string, part: string): Promise<void> {
  if ((await isThere(path)) && !(await isThere(part))) await renamePatiently(path, part);
}

/**
 * A state on its way: pieces by position in `<path>.part`. Which of them are there is never written down: once their
 * digests are known, whatever lies there is summed up, and what is intact counts. So no end of the process, and no
 * damage, can make it believe more than is there. It alone writes that file, and it alone knows what it has.
 */
export class PieceFile implements Wanted {
  readonly at: PieceFileAt;
  readonly pieces: number;
  readonly #part: FileHandle;
  readonly #disk: SpoolDisk;
  readonly #signal: AbortSignal;
  readonly #had: Uint8Array;
  #leaves: readonly Uint8Array[] | null = null;
  #missing: number;
  #receivedBytes = 0;

  /** @param signal ends the wait for room on a full disk */
  static async open(at: PieceFileAt, disk: SpoolDisk, signal: AbortSignal): Promise<PieceFile> {
    const name = `${at.path}.part`;
    await takeBack(at.path, name);
    const part = await disk.step('open', name, signal, () => openOrCreate(name));
    return new PieceFile(at, part, { disk, signal });
  }

  private constructor(
    at: PieceFileAt,
    part: FileHandle,
    { disk, signal }: { readonly disk: SpoolDisk; readonly signal: AbortSignal },
  ) {
    this.at = at;
    this.#part = part;
    this.#disk = disk;
    this.#signal = signal;
    this.pieces = pieceCount(at.sizeBytes, at.pieceBytes);
    this.#had = new Uint8Array(this.pieces);
    this.#missing = this.pieces;
  }

  get name(): string {
    return this.at.baseDigest.slice(0, 8);
  }

  get pieceBytes(): number {
    return this.at.pieceBytes;
  }

  get totalBytes(): number {
    return this.at.sizeBytes;
  }

  get listBytes(): number {
    return HASH_BYTES * this.pieces;
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  has(piece: number): boolean {
    return this.#had[piece] === 1;
  }

  lengthOf(piece: number): number {
    return pieceLength(this.at.sizeBytes, this.at.pieceBytes, piece);
  }

  listQuestion(): StateQuestion {
    return { kind: 'manifest', baseDigest: this.at.baseDigest };
  }

  pieceQuestion(piece: number): StateQuestion {
    return { kind: 'piece', baseDigest: this.at.baseDigest, piece };
  }

  /**
   * Takes the digests of all pieces, and counts what an earlier try left.
   * @returns false when they do not lead to the base digest
   */
  async list(bytes: Uint8Array): Promise<boolean> {
    const leaves = readManifest(bytes, this.pieces);
    if (!leaves) return false;
    if (Buffer.from(merkleRoot(leaves, sha256)).toString('hex') !== this.at.baseDigest) return false;
    if (this.#leaves) return true;
    this.#leaves = leaves;
    const { size } = await this.#part.stat();
    for (let piece = 0; piece < this.pieces && piece * this.at.pieceBytes < size; piece++) {
      this.#signal.throwIfAborted();
      const bytes = await this.#read(piece);
      if (bytes && this.#isRight(piece, bytes)) this.#count(piece);
    }
    return true;
  }

  /** Keeps a piece. @returns false, having kept nothing, for one that is not what its digest says */
  async put(piece: number, bytes: Uint8Array): Promise<boolean> {
    if (!this.#isRight(piece, bytes)) return false;
    if (this.has(piece)) return true;
    const { path, pieceBytes } = this.at;
    const write = () => writeAt(this.#part, bytes, piece * pieceBytes);
    await this.#disk.step('write', path, this.#signal, write);
    this.#count(piece);
    return true;
  }

  /** Gives the state its name: every piece of it was verified, and all of it is synced before. */
  async finish(): Promise<void> {
    const { path, sizeBytes } = this.at;
    await this.#part.truncate(sizeBytes);
    await this.#disk.step('sync', path, this.#signal, () => this.#part.sync());
    await this.close();
    await this.#disk.step('publish', path, this.#signal, () => publish(`${path}.part`, path));
  }

  async close(): Promise<void> {
    await this.#part.close();
  }

  #isRight(piece: number, bytes: Uint8Array): boolean {
    const leaf = this.#leaves?.[piece];
    return leaf !== undefined && bytes.length === this.lengthOf(piece) && equalBytes(sha256(bytes), leaf);
  }

  #count(piece: number): void {
    if (this.has(piece)) return;
    this.#had[piece] = 1;
    this.#missing--;
    this.#receivedBytes += this.lengthOf(piece);
  }

  async #read(piece: number): Promise<Uint8Array | null> {
    const bytes = new Uint8Array(this.lengthOf(piece));
    const { bytesRead } = await this.#part.read(bytes, 0, bytes.length, piece * this.at.pieceBytes);
    return bytesRead === bytes.length ? bytes : null;
  }
}

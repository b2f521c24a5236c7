import type { FileHandle } from 'node:fs/promises';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openOrCreate, publish, replaceFile, writeAt } from '../../../src-node/durable.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { ResultsName, Roster } from '../../../src-shared/rounds/messages.ts';
import type { ResultLeaf, ResultsList } from '../../../src-shared/rounds/results-list.ts';
import { spoolFiles, spoolFolder } from '../../../src-shared/spool.ts';
import { manifestOf } from '../reduce/average.ts';
import type { Lists } from '../reduce/lists.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import type { KeptRounds } from './kept-rounds.ts';
import type { StateQuestion } from './protocol.ts';
import type { Wanted } from './wanted.ts';

interface AverageFileInit {
  readonly named: ResultsName;
  readonly grid: ChunkGrid;
  readonly coder: ChunkCoder;
  readonly lists: Lists;
  /** What this node has itself: nothing of that is asked of others. */
  readonly kept: KeptRounds;
  readonly spoolDir: string;
  readonly disk: SpoolDisk;
  /** Ends the wait for room on a full disk. */
  readonly signal: AbortSignal;
}

/**
 * The average of a round on its way here, by the results list that the chain's id binds: each result by position in a
 * file beside, and what it says of itself in the list. As with states, what a try before this one left is never written
 * down: it is summed up.
 */
export class AverageFile implements Wanted {
  readonly name: string;
  readonly pieces: number;
  readonly pieceBytes: number;
  readonly #init: AverageFileInit;
  readonly #folder: string;
  readonly #path: string;
  readonly #part: FileHandle;
  /** Bytes of each result that is here. */
  readonly #sizes = new Map<number, number>();
  #list: ResultsList | null = null;
  #missing: number;
  #receivedBytes = 0;

  static async open(init: AverageFileInit): Promise<AverageFile> {
    const { disk, signal, spoolDir, named } = init;
    const folder = join(spoolDir, spoolFolder(named.round));
    const path = join(folder, `follow-${named.resultsDigest.slice(0, 16)}.part`);
    const part = await disk.step('open', path, signal, async () => {
      await mkdir(folder, { recursive: true });
      return openOrCreate(path);
    });
    await part.truncate(init.coder.resultsBytes).catch(async (thrown: unknown) => {
      await part.close();
      throw thrown;
    });
    return new AverageFile(init, { folder, path, part });
  }

  private constructor(
    init: AverageFileInit,
    at: { readonly folder: string; readonly path: string; readonly part: FileHandle },
  ) {
    this.#init = init;
    this.#folder = at.folder;
    this.#path = at.path;
    this.#part = at.part;
    this.name = `${init.named.round}`;
    this.pieces = init.grid.chunks;
    this.pieceBytes = init.coder.resultMaxBytes(0);
    this.#missing = this.pieces;
  }

  get totalBytes(): number {
    return this.#init.coder.resultsBytes;
  }

  get listBytes(): number {
    return this.#init.lists.listBytes;
  }

  get isComplete(): boolean {
    return this.#list !== null && this.#missing === 0;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  has(chunk: number): boolean {
    return this.#sizes.has(chunk);
  }

  lengthOf(chunk: number): number {
    return this.#init.coder.resultMaxBytes(chunk);
  }

  listQuestion(): StateQuestion {
    return { kind: 'list', ...this.#init.named };
  }

  pieceQuestion(chunk: number): StateQuestion {
    const { round, rosterDigest } = this.#init.named;
    const leaf = this.#list?.[chunk];
    if (!leaf) throw new RangeError(`chunk ${chunk} has no result`);
    return { kind: 'leaf', round, rosterDigest, chunk, digest: leaf.digest };
  }

  /** Takes the results list, and all that is here of what it names. @returns false when it is another one */
  async list(bytes: Uint8Array): Promise<boolean> {
    const { lists, named, signal } = this.#init;
    const list = await lists.read(bytes, named, signal);
    if (!list) return false;
    if (this.#list) return true;
    this.#list = list;
    for (const [chunk, leaf] of list.entries()) {
      signal.throwIfAborted();
      if (leaf === null) this.#count(chunk, 0);
      else if (!(await this.#isThere(chunk, leaf))) await this.#takeOwn(chunk, leaf);
    }
    return true;
  }

  async put(chunk: number, values: Uint8Array): Promise<boolean> {
    const leaf = this.#list?.[chunk];
    if (!leaf || values.length > this.lengthOf(chunk) || sha256Hex(values) !== leaf.digest) return false;
    if (this.has(chunk)) return true;
    const { disk, coder, signal } = this.#init;
    const write = () => writeAt(this.#part, values, coder.resultAt(chunk));
    await disk.step('write', this.#path, signal, write);
    this.#count(chunk, values.length);
    return true;
  }

  /**
   * Makes it the round's average: a manifest means complete files, so another one's goes first and this one's comes
   * last.
   * @param self this member's place in the roster, by which it finds what was taken of it
   */
  async finish(roster: Roster, self: number | null): Promise<void> {
    const { disk, signal, grid, named, lists } = this.#init;
    const { rosterDigest } = named;
    const list = this.#list;
    if (!list) throw new RangeError('there is no list');
    const whole = async () => {
      await lists.keep(named, list, signal);
      await disk.step('sync', this.#path, signal, () => this.#part.sync());
    };
    await whole().finally(() => this.close());
    const at = (file: string) => join(this.#folder, file);
    const manifestPath = at(spoolFiles.averageManifest);
    await disk.step('publish', manifestPath, signal, () => rm(manifestPath, { force: true }));
    await disk.step('publish', at(spoolFiles.average), signal, () =>
      publish(this.#path, at(spoolFiles.average)),
    );
    const manifest = manifestOf(
      list,
      { grid, roster, rosterDigest, self },
      (chunk) => this.#sizes.get(chunk)!,
    );
    await disk.step('publish', manifestPath, signal, () =>
      replaceFile(manifestPath, JSON.stringify(manifest)),
    );
  }

  async close(): Promise<void> {
    await this.#part.close();
  }

  /** Nobody has it: what came of it is of no more use. */
  async drop(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  /** What an earlier try left, where it has its full length; how long a shorter one is nobody wrote down. */
  async #isThere(chunk: number, { digest }: ResultLeaf): Promise<boolean> {
    const values = new Uint8Array(this.lengthOf(chunk));
    const { bytesRead } = await this.#part.read(values, 0, values.length, this.#init.coder.resultAt(chunk));
    if (bytesRead !== values.length || sha256Hex(values) !== digest) return false;
    this.#count(chunk, values.length);
    return true;
  }

  async #takeOwn(chunk: number, leaf: ResultLeaf): Promise<void> {
    const own = await this.#init.kept.leaf(this.#init.named, chunk, leaf);
    if (own) await this.put(chunk, own);
  }

  #count(chunk: number, bytes: number): void {
    if (this.has(chunk)) return;
    this.#sizes.set(chunk, bytes);
    this.#missing--;
    this.#receivedBytes += bytes;
  }
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { publish, replaceFile } from '../../../src-node/durable.ts';
import { withLimit } from '../../../src-node/waits.ts';
import { contributorsToHex } from '../../../src-shared/reduce/bitmap.ts';
import { type ResultLeaf, type ResultsList, sameLeaf } from '../../../src-shared/rounds/results-list.ts';
import { type AverageManifest, averageManifestSchema, spoolFiles } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { SEAL_LIMIT_MS } from '../limits.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import type { Answer } from './answers.ts';
import type { SignedResult } from './frames.ts';
import { orClosed } from './or-closed.ts';
import type { RoundPlan } from './plan.ts';
import { type Kept, ResultFile } from './result-file.ts';

/** Results of standbys, until the list has chosen; beside the file that becomes the average. */
const STANDBYS_FILE = 'standbys.bin.part';

interface AverageInit {
  readonly plan: RoundPlan;
  /** The round's folder in the spool. */
  readonly folder: string;
  readonly disk: SpoolDisk;
  /** Ends the wait for room on a full disk. */
  readonly signal: AbortSignal;
}

/**
 * The results of a round: of each chunk what its reducer and what its standby signed, each in a file of its own, until
 * the results list says which of them counts. Then the average is made of those, and lies under its final name with
 * its manifest; results can still be read for others.
 */
export class Average {
  readonly #init: AverageInit;
  /** Becomes the average. */
  readonly #reducers: ResultFile;
  readonly #standbys: ResultFile;
  #sealed = false;
  #isPublished = false;

  /** @param at.earlier answers of this member from before a restart: their values are taken from what is on disk */
  static async create(
    init: AverageInit,
    at: { readonly earlier: ReadonlyMap<number, Answer | null> },
  ): Promise<Average> {
    const { folder, plan } = init;
    const isKept = at.earlier.size > 0;
    const open = (name: string) => ResultFile.open({ ...init, path: join(folder, name) }, isKept);
    const reducers = await open(`${spoolFiles.average}.part`);
    return orClosed(reducers, async () => {
      const standbys = await open(STANDBYS_FILE);
      return orClosed(standbys, async () => {
        const average = new Average(init, reducers, standbys);
        for (const [chunk, answer] of at.earlier)
          if (answer) await average.#of(chunk, plan.self!).restore(chunk, { ...answer, signer: plan.self! });
        return average;
      });
    });
  }

  private constructor(init: AverageInit, reducers: ResultFile, standbys: ResultFile) {
    this.#init = init;
    this.#reducers = reducers;
    this.#standbys = standbys;
  }

  has(chunk: number): boolean {
    return this.#best(chunk) !== null;
  }

  /** Chunks with a result. */
  get size(): number {
    return new Set([...this.#reducers.chunks, ...this.#standbys.chunks]).size;
  }

  /** Who signed what counts here of a chunk: its reducer, where that one's result is held. */
  signerOf(chunk: number): number | null {
    return this.#best(chunk)?.signer ?? null;
  }

  contributorsOf(chunk: number): bigint | null {
    return this.#best(chunk)?.contributors ?? null;
  }

  /** What is held of a chunk from that signer; also what this member said itself, for its file of answers. */
  from(chunk: number, signer: number): Kept | null {
    const entry = this.#of(chunk, signer).entry(chunk);
    return entry?.signer === signer ? entry : null;
  }

  /** All results of a chunk that are held and were checked. */
  held(chunk: number): readonly ResultLeaf[] {
    return [this.#reducers.entry(chunk), this.#standbys.entry(chunk)].filter((entry) => entry !== null);
  }

  holds(chunk: number, leaf: ResultLeaf): boolean {
    return this.held(chunk).some((one) => sameLeaf(one, leaf));
  }

  /** Whether a result of that signer would be taken: the first one of each signer stays. */
  async wants(chunk: number, signer: number): Promise<boolean> {
    await this.#of(chunk, signer).written(chunk);
    return this.#isWanted(chunk, signer);
  }

  /** Takes a verified result. @returns whether it was wanted */
  async put(chunk: number, result: SignedResult): Promise<boolean> {
    if (!(await this.wants(chunk, result.signer))) return false;
    await this.#of(chunk, result.signer).put(chunk, result);
    return true;
  }

  /** Takes the verified result that a list names, in the place of another one of its signer. */
  async replace(chunk: number, result: SignedResult): Promise<void> {
    if (!this.#sealed) await this.#of(chunk, result.signer).put(chunk, result);
  }

  /**
   * @param digest which of them, where not the one that counts here
   * @returns null when this member has no such result of that chunk
   */
  async read(chunk: number, digest?: Hex): Promise<SignedResult | null> {
    for (const file of [this.#reducers, this.#standbys]) {
      const entry = file.entry(chunk);
      if (entry && (digest === undefined || entry.digest === digest)) return file.read(chunk);
    }
    return null;
  }

  /** Bytes of the result with that digest; null when this member has no such one of that chunk. */
  sizeOf(chunk: number, digest: Hex): number | null {
    const entries = [this.#reducers.entry(chunk), this.#standbys.entry(chunk)];
    return entries.find((entry) => entry?.digest === digest)?.sizeBytes ?? null;
  }

  /** Makes durable what was written so far. */
  async sync(): Promise<void> {
    for (const file of [this.#reducers, this.#standbys]) if (file.isUnsynced) await file.sync();
  }

  /**
   * No more results are taken, and the average is what the list says, every result of which is held; values synced
   * first, the manifest last, so that a manifest means complete files.
   * @param signal ends the wait for room on a full disk, as its own limit does
   * @throws {AppError} DISK_FULL
   * @throws {RangeError} where a result of the list is not here
   */
  async seal(list: ResultsList, signal: AbortSignal): Promise<void> {
    this.#sealed = true;
    await this.#reducers.settled();
    await this.#standbys.settled();
    for (const [chunk, leaf] of list.entries()) if (leaf) await this.#choose(chunk, leaf);
    const limit = withLimit(signal, SEAL_LIMIT_MS);
    const { folder, disk } = this.#init;
    const [path, manifestPath] = [spoolFiles.average, spoolFiles.averageManifest].map((name) =>
      join(folder, name),
    ) as [string, string];
    await this.#reducers.sync(limit);
    // Asked again after a full disk it may have its name already.
    if (!this.#isPublished) await disk.step('publish', path, limit, () => publish(this.#reducers.path, path));
    this.#isPublished = true;
    const sizeOf = (chunk: number) => this.#reducers.entry(chunk)!.sizeBytes;
    const manifest = JSON.stringify(manifestOf(list, this.#init.plan, sizeOf));
    await disk.step('publish', manifestPath, limit, () => replaceFile(manifestPath, manifest));
  }

  async close(): Promise<void> {
    this.#sealed = true;
    await this.#reducers.close();
    await this.#standbys.remove();
  }

  /** What the list names lies in the file that becomes the average. */
  async #choose(chunk: number, leaf: ResultLeaf): Promise<void> {
    const chosen = this.#reducers.entry(chunk);
    if (chosen && sameLeaf(chosen, leaf)) return;
    const result = this.holds(chunk, leaf) ? await this.read(chunk, leaf.digest) : null;
    if (!result) throw new RangeError(`no such result of chunk ${chunk} is here`);
    await this.#reducers.put(chunk, result);
  }

  #best(chunk: number): Kept | null {
    return this.#reducers.entry(chunk) ?? this.#standbys.entry(chunk);
  }

  #of(chunk: number, signer: number): ResultFile {
    return signer === this.#init.plan.reducerOf(chunk) ? this.#reducers : this.#standbys;
  }

  #isWanted(chunk: number, signer: number): boolean {
    return !this.#sealed && this.#of(chunk, signer).entry(chunk) === null;
  }
}

/** @param sizeOf bytes of a result that the list names */
export function manifestOf(
  list: ResultsList,
  { grid, roster, rosterDigest, self }: Pick<RoundPlan, 'grid' | 'roster' | 'rosterDigest' | 'self'>,
  sizeOf: (chunk: number) => number,
): AverageManifest {
  const chunks = list.map((leaf, chunk) => {
    if (!leaf) return null;
    const { signer: reducer, divisor, digest } = leaf;
    const contributors = contributorsToHex(leaf.contributors);
    return { reducer, contributors, divisor, digest, sizeBytes: sizeOf(chunk) };
  });
  const { elements, chunkElements } = grid;
  return { round: roster.round, rosterDigest, self, elements, chunkElements, chunks };
}

/** The manifest of an average that was sealed for this roster before a restart; null where there is none. */
export async function sealedManifest(rosterDigest: Hex, folder: string): Promise<AverageManifest | null> {
  try {
    const text = await readFile(join(folder, spoolFiles.averageManifest), 'utf8');
    const manifest = v.parse(averageManifestSchema, JSON.parse(text));
    return manifest.rosterDigest === rosterDigest ? manifest : null;
  } catch {
    return null;
  }
}

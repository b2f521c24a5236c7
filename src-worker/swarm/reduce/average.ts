import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { openOrCreate, publish, replaceFile, writeAt } from '../../../src-node/durable.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { withLimit } from '../../../src-node/waits.ts';
import { contributorsToHex } from '../../../src-shared/reduce/bitmap.ts';
import { chunkStart } from '../../../src-shared/reduce/chunks.ts';
import { type AverageManifest, averageManifestSchema, spoolFiles } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { SEAL_LIMIT_MS } from '../limits.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import type { Answer } from './answers.ts';
import type { SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';

/**
 * The results of a round: values in the spool's average file by position, what goes with them in memory. After it is
 * sealed the file lies under its final name with its manifest, and results can still be read for others.
 */
export class Average {
  readonly #plan: RoundPlan;
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #disk: SpoolDisk;
  readonly #signal: AbortSignal;
  readonly #kept = new Map<number, Answer>();
  readonly #writing = new Map<number, Promise<void>>();
  #sealed = false;

  /**
   * @param at.earlier answers of this reducer from before a restart: their values are taken from what is on disk
   * @param at.signal ends the wait for room on a full disk
   */
  static async create(
    plan: RoundPlan,
    folder: string,
    at: {
      readonly disk: SpoolDisk;
      readonly signal: AbortSignal;
      readonly earlier: ReadonlyMap<number, Answer | null>;
    },
  ): Promise<Average> {
    const path = join(folder, `${spoolFiles.average}.part`);
    const file = await at.disk.step('open', path, at.signal, async () => {
      await mkdir(folder, { recursive: true });
      return at.earlier.size > 0 ? openOrCreate(path) : open(path, 'w+');
    });
    await file.truncate(plan.grid.elements * 2);
    const average = new Average(plan, folder, file, at);
    for (const [chunk, answer] of at.earlier) if (answer) await average.#restore(chunk, answer);
    return average;
  }

  private constructor(
    plan: RoundPlan,
    folder: string,
    file: FileHandle,
    { disk, signal }: { readonly disk: SpoolDisk; readonly signal: AbortSignal },
  ) {
    this.#plan = plan;
    this.#folder = folder;
    this.#file = file;
    this.#disk = disk;
    this.#signal = signal;
  }

  has(chunk: number): boolean {
    return this.#kept.has(chunk);
  }

  digestOf(chunk: number): Hex | null {
    return this.#kept.get(chunk)?.digest ?? null;
  }

  /** Chunks with a result. */
  get size(): number {
    return this.#kept.size;
  }

  contributorsOf(chunk: number): bigint | null {
    return this.#kept.get(chunk)?.contributors ?? null;
  }

  /** Takes a verified result; the first one of a chunk stays. @returns whether it was new */
  async put(chunk: number, result: SignedResult): Promise<boolean> {
    if (this.#sealed || this.#kept.has(chunk) || this.#writing.has(chunk)) return false;
    const digest = sha256Hex(result.values);
    const { contributors, divisor } = result;
    // A copy, as the signature is a window into the whole frame.
    const kept = { contributors, divisor, signature: result.signature.slice(), digest };
    const write = this.#write(chunk, result.values).then(() => void this.#kept.set(chunk, kept));
    this.#writing.set(chunk, write);
    await write.finally(() => this.#writing.delete(chunk));
    return true;
  }

  /** @returns null when this member has no result for that chunk */
  async read(chunk: number): Promise<SignedResult | null> {
    const kept = this.#kept.get(chunk);
    if (!kept) return null;
    const values = new Uint8Array(this.#plan.resultBytes(chunk));
    const { bytesRead } = await this.#file.read(values, 0, values.length, this.#at(chunk));
    if (bytesRead !== values.length) throw new RangeError('average file is shorter than written');
    return { ...kept, values };
  }

  /** What this reducer said of a chunk, for its file of answers. */
  answerOf(chunk: number): Answer | null {
    return this.#kept.get(chunk) ?? null;
  }

  /** Makes durable what was written so far. */
  async sync(): Promise<void> {
    await this.#disk.step('sync', this.#partPath, this.#signal, () => this.#file.sync());
  }

  /**
   * No more results are taken; values synced first, the manifest last, so that a manifest means complete files.
   * @param signal ends the wait for room on a full disk, as its own limit does
   * @throws {AppError} DISK_FULL
   */
  async seal(signal: AbortSignal): Promise<void> {
    this.#sealed = true;
    await Promise.allSettled(this.#writing.values());
    const limit = withLimit(signal, SEAL_LIMIT_MS);
    const [path, manifestPath] = [spoolFiles.average, spoolFiles.averageManifest].map((name) =>
      join(this.#folder, name),
    ) as [string, string];
    await this.#disk.step('sync', this.#partPath, limit, () => this.#file.sync());
    await this.#disk.step('publish', path, limit, () => publish(this.#partPath, path));
    const manifest = JSON.stringify(this.#manifest());
    await this.#disk.step('publish', manifestPath, limit, () => replaceFile(manifestPath, manifest));
  }

  async close(): Promise<void> {
    this.#sealed = true;
    await Promise.allSettled(this.#writing.values());
    await this.#file.close();
  }

  #manifest(): AverageManifest {
    const { grid, roster, rosterDigest, self } = this.#plan;
    const chunks = Array.from({ length: grid.chunks }, (_, chunk) => {
      const kept = this.#kept.get(chunk);
      if (!kept) return null;
      const { divisor, digest } = kept;
      const contributors = contributorsToHex(kept.contributors);
      return { reducer: this.#plan.reducerOf(chunk), contributors, divisor, digest };
    });
    const { elements, chunkElements } = grid;
    return { round: roster.round, rosterDigest, self, elements, chunkElements, chunks };
  }

  async #write(chunk: number, values: Uint8Array): Promise<void> {
    await this.#disk.step('write', this.#partPath, this.#signal, () =>
      writeAt(this.#file, values, this.#at(chunk)),
    );
  }

  /** Values that are not what was answered are left out: other members hold them. */
  async #restore(chunk: number, answer: Answer): Promise<void> {
    this.#kept.set(chunk, answer);
    const result = await this.read(chunk).catch(() => null);
    if (!result || sha256Hex(result.values) !== answer.digest) this.#kept.delete(chunk);
  }

  get #partPath(): string {
    return join(this.#folder, `${spoolFiles.average}.part`);
  }

  #at(chunk: number): number {
    return chunkStart(this.#plan.grid, chunk) * 2;
  }
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

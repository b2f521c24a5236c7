import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { publish, replaceFile } from '../../../src-node/durable.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { contributorsToHex } from '../../../src-shared/reduce/bitmap.ts';
import { chunkStart } from '../../../src-shared/reduce/chunks.ts';
import { type AverageManifest, spoolFiles } from '../../../src-shared/spool.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';

interface Kept {
  readonly contributors: bigint;
  readonly divisor: number;
  readonly signature: Uint8Array;
  readonly digest: Hex;
}

/**
 * The results of a round: values in the spool's average file by position, what goes with them in memory. After it is
 * sealed the file lies under its final name with its manifest, and results can still be read for others.
 */
export class Average {
  readonly #plan: RoundPlan;
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #kept = new Map<number, Kept>();
  readonly #writing = new Map<number, Promise<void>>();
  #sealed = false;

  static async create(plan: RoundPlan, folder: string): Promise<Average> {
    await mkdir(folder, { recursive: true });
    const file = await open(join(folder, `${spoolFiles.average}.part`), 'w+');
    await file.truncate(plan.grid.elements * 2);
    return new Average(plan, folder, file);
  }

  private constructor(plan: RoundPlan, folder: string, file: FileHandle) {
    this.#plan = plan;
    this.#folder = folder;
    this.#file = file;
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

  /** No more results are taken; values synced first, the manifest last, so that a manifest means complete files. */
  async seal(): Promise<void> {
    this.#sealed = true;
    await Promise.allSettled(this.#writing.values());
    await this.#file.sync();
    await publish(join(this.#folder, `${spoolFiles.average}.part`), join(this.#folder, spoolFiles.average));
    await replaceFile(join(this.#folder, spoolFiles.averageManifest), JSON.stringify(this.#manifest()));
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
    await this.#file.write(values, 0, values.length, this.#at(chunk));
  }

  #at(chunk: number): number {
    return chunkStart(this.#plan.grid, chunk) * 2;
  }
}

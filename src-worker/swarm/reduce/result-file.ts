import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openOrCreate, writeAt } from '../../../src-node/durable.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import type { Answer } from './answers.ts';
import type { SignedResult } from './frames.ts';
import { orClosed } from './or-closed.ts';
import type { RoundPlan } from './plan.ts';

/** What goes with the values of a result. */
export interface Kept extends Answer {
  /** Index in the roster of who signed it. */
  readonly signer: number;
}

export interface ResultFileInit {
  readonly plan: RoundPlan;
  readonly path: string;
  readonly disk: SpoolDisk;
  /** Ends the wait for room on a full disk. */
  readonly signal: AbortSignal;
}

/**
 * One result of each chunk at most: the values in a file by position, each in the room that it may take at most, what
 * goes with them in memory. The file is sparse: what is not held takes no room on the disk.
 */
export class ResultFile {
  readonly #init: ResultFileInit;
  readonly #file: FileHandle;
  readonly #kept = new Map<number, Kept>();
  readonly #writing = new Map<number, Promise<void>>();
  #isUnsynced = false;

  /** @param isKept what lies there from before a restart stays */
  static async open(init: ResultFileInit, isKept: boolean): Promise<ResultFile> {
    const { plan, path, disk, signal } = init;
    const file = await disk.step('open', path, signal, async () => {
      await mkdir(dirname(path), { recursive: true });
      return isKept ? openOrCreate(path) : open(path, 'w+');
    });
    await orClosed(file, () => file.truncate(plan.coder.resultsBytes));
    return new ResultFile(init, file);
  }

  private constructor(init: ResultFileInit, file: FileHandle) {
    this.#init = init;
    this.#file = file;
  }

  get path(): string {
    return this.#init.path;
  }

  /** Chunks of which a result lies here. */
  get chunks(): Iterable<number> {
    return this.#kept.keys();
  }

  entry(chunk: number): Kept | null {
    return this.#kept.get(chunk) ?? null;
  }

  /** Resolves when no result of that chunk is on its way to the disk. */
  async written(chunk: number): Promise<void> {
    for (;;) {
      const write = this.#writing.get(chunk);
      if (!write) return;
      await write.catch(() => {});
    }
  }

  /** Takes a verified result, in the place of the one that is here. */
  async put(chunk: number, { values, ...said }: SignedResult): Promise<void> {
    // Of several who waited for one write the first one writes, and the others wait for that one.
    while (this.#writing.has(chunk)) await this.written(chunk);
    const kept = { ...said, digest: sha256Hex(values), sizeBytes: values.length };
    // While its place is written anew there is no result of that chunk.
    this.#kept.delete(chunk);
    const write = this.#write(chunk, values).then(() => void this.#kept.set(chunk, kept));
    this.#writing.set(chunk, write);
    await write.finally(() => this.#writing.delete(chunk));
  }

  /** @returns null when there is none here */
  async read(chunk: number): Promise<SignedResult | null> {
    const kept = this.#kept.get(chunk);
    if (!kept) return null;
    const { plan } = this.#init;
    const values = new Uint8Array(Math.min(kept.sizeBytes, plan.resultMaxBytes(chunk)));
    const { bytesRead } = await this.#file.read(values, 0, values.length, plan.coder.resultAt(chunk));
    if (bytesRead !== values.length) throw new RangeError('a file of results is shorter than written');
    // Written anew while it was read: half of either is nobody's result.
    return this.#kept.get(chunk) === kept ? { ...kept, values } : this.read(chunk);
  }

  /** From before a restart. Values that are not what was answered are left out: other members hold them. */
  async restore(chunk: number, kept: Kept): Promise<void> {
    this.#kept.set(chunk, kept);
    const result = await this.read(chunk).catch(() => null);
    if (!result || sha256Hex(result.values) !== kept.digest) this.#kept.delete(chunk);
  }

  /** Whether anything was written since the last sync began. */
  get isUnsynced(): boolean {
    return this.#isUnsynced;
  }

  /** Makes durable what was written so far. */
  async sync(signal = this.#init.signal): Promise<void> {
    this.#isUnsynced = false;
    try {
      await this.#init.disk.step('sync', this.path, signal, () => this.#file.sync());
    } catch (thrown) {
      this.#isUnsynced = true;
      throw thrown;
    }
  }

  /** Resolves when nothing is on its way to the disk. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#file.close();
  }

  /** Closes it for good: nobody reads it any more. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
  }

  async #write(chunk: number, values: Uint8Array): Promise<void> {
    const { plan, disk, signal } = this.#init;
    await disk.step('write', this.path, signal, () =>
      writeAt(this.#file, values, plan.coder.resultAt(chunk)),
    );
    this.#isUnsynced = true;
  }
}

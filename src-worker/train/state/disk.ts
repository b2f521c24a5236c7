import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError } from '../../../src-node/disk-error.ts';
import { renamePatiently, syncFolder, writeAll, writeAt } from '../../../src-node/durable.ts';
import { isThere } from '../../../src-node/is-there.ts';
import { setAside } from '../../../src-node/set-aside.ts';
import { AppError, type CodedError } from '../../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';
import { EarlySync } from './early-sync.ts';
import { SealHash } from './hashing.ts';

export type DiskStep = 'write' | 'sync' | 'rename' | 'sync-folder' | 'remove';

/** Called before each step that changes the disk. Tests throw here: the power goes at that moment. */
export type DiskWatch = (step: DiskStep, path: string) => void;

/** Who tells a person what the process goes on with; the child's door is one. */
export interface Told {
  notice(error: CodedError): void;
  clearNotice(code: ErrorCode): void;
}

const nobody: DiskWatch = () => {};
const untold: Told = { notice: (error) => console.error(error), clearNotice: () => {} };

export type Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Bytes and where in the file they belong. */
export interface PlacedPart {
  readonly position: number;
  readonly bytes: Uint8Array;
}

export interface WriteOptions {
  /** The file ends in a digest of everything before (hashing.ts). */
  readonly seal: boolean;
  /** Gives up between two slices; the file that stands under the name stays. */
  readonly signal?: AbortSignal;
}

/** Changes files so that after a power cut each is whole: the old one or the new one. A full disk is told. */
export class Disk {
  readonly #watch: DiskWatch;
  readonly #told: Told;
  /** Bytes of the write that found the disk full; null while there is room. */
  #lackingBytes: number | null = null;

  constructor(watch: DiskWatch = nobody, told: Told = untold) {
    this.#watch = watch;
    this.#told = told;
  }

  /**
   * Writes to a temporary name, syncs, renames, syncs the folder. `parts` may be views of live vectors; they must
   * not change until the promise resolves. What fails leaves nothing behind.
   * @throws {AppError} DISK_FULL, DATA_DIR_UNWRITABLE
   */
  async write(path: string, parts: Parts, { seal, signal }: WriteOptions): Promise<void> {
    await this.#drafted(path, async function* (file) {
      for await (const slice of sealedSlices(parts, seal)) {
        signal?.throwIfAborted();
        await writeAll(file, slice);
        yield slice.length;
      }
    });
  }

  /** As `write`, each part to its own place. Together they fill the file. */
  async writePlaced(path: string, parts: AsyncIterable<PlacedPart>): Promise<void> {
    await this.#drafted(path, async function* (file) {
      for await (const { position, bytes } of parts) {
        await writeAt(file, bytes, position);
        yield bytes.length;
      }
    });
  }

  /** @param fill says how many bytes it wrote each time */
  async #drafted(path: string, fill: (file: FileHandle) => AsyncIterable<number>): Promise<void> {
    const temporary = `${path}.tmp`;
    let bytes = 0;
    try {
      this.#watch('write', path);
      const file = await open(temporary, 'w');
      const early = new EarlySync(file);
      try {
        for await (const written of fill(file)) {
          bytes += written;
          early.written(written);
        }
        this.#watch('sync', path);
        await early.ended();
        await file.sync();
      } finally {
        await early.over();
        await file.close();
      }
      await this.publish(temporary, path);
    } catch (thrown) {
      await this.remove(temporary).catch(() => {});
      throw this.#failed(thrown, path, bytes);
    }
    this.#hasRoomFor(bytes);
  }

  /** Gives a file that is complete and synced its final name. */
  async publish(temporary: string, path: string): Promise<void> {
    this.#watch('rename', path);
    await renamePatiently(temporary, path);
    this.#watch('sync-folder', path);
    await syncFolder(dirname(path));
  }

  async remove(path: string): Promise<void> {
    this.#watch('remove', path);
    await rm(path, { force: true });
  }

  async makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true }).catch((thrown: unknown) => {
      throw this.#failed(thrown, path, 0);
    });
  }

  /** Moves a file that cannot be used out of the way, under a name that nothing of ours has or takes, and tells. */
  async setAside(path: string): Promise<void> {
    const movedTo = await this.#moveAside(path);
    if (movedTo) this.#told.notice(new AppError('FILE_DAMAGED', { path, movedTo }));
  }

  /** Removes all files of a folder that `keep` does not want. Folders in it are none of ours, nor what is set aside. */
  async sweep(folder: string, keep: (name: string) => boolean): Promise<void> {
    for (const name of await filesIn(folder)) if (!keep(name)) await this.remove(join(folder, name));
  }

  /** As `sweep`, where what is not wanted may be worth something to a person: it is moved aside, not removed. */
  async sweepAside(folder: string, keep: (name: string) => boolean): Promise<void> {
    for (const name of await filesIn(folder)) {
      if (keep(name)) continue;
      if (name.endsWith('.tmp')) await this.remove(join(folder, name));
      else await this.#moveAside(join(folder, name));
    }
  }

  /** @returns the new path; null where there is no such file */
  async #moveAside(path: string): Promise<string | null> {
    if (!(await isThere(path))) return null;
    this.#watch('rename', path);
    return setAside(path);
  }

  #failed(thrown: unknown, path: string, bytes: number): unknown {
    const error = diskError(thrown, path);
    if (isDiskFull(error)) {
      this.#lackingBytes = bytes;
      this.#told.notice(error);
    }
    return error;
  }

  /** A file smaller than the one that found no room proves nothing. */
  #hasRoomFor(bytes: number): void {
    if (this.#lackingBytes === null || bytes < this.#lackingBytes) return;
    this.#lackingBytes = null;
    this.#told.clearNotice('DISK_FULL');
  }
}

/** `<name>.damaged-<n>`: never read, written or removed by us again. */
const SET_ASIDE = '.damaged-';

export const isDiskFull = (thrown: unknown): thrown is AppError =>
  thrown instanceof AppError && thrown.code === 'DISK_FULL';

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.name.includes(SET_ASIDE)).map(({ name }) => name);
}

async function* sealedSlices(parts: Parts, isSealed: boolean): AsyncGenerator<Uint8Array> {
  const seal = isSealed ? new SealHash() : null;
  for await (const part of parts)
    for (let at = 0; at < part.length; at += FILE_SLICE_BYTES) {
      const slice = part.subarray(at, at + FILE_SLICE_BYTES);
      await seal?.update(slice);
      yield slice;
    }
  if (seal) yield await seal.finish();
}

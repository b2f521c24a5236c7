import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeAll } from '../../../src-node/durable.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';

export type DiskStep = 'write' | 'sync' | 'rename' | 'sync-folder' | 'remove';

/** Called before each step that changes the disk. Tests throw here: the power goes at that moment. */
export type DiskWatch = (step: DiskStep, path: string) => void;

const nobody: DiskWatch = () => {};

/** Changes files so that after a power cut each is whole: the old one or the new one. */
export class Disk {
  readonly #watch: DiskWatch;

  constructor(watch: DiskWatch = nobody) {
    this.#watch = watch;
  }

  /**
   * Writes to a temporary name, syncs, renames, syncs the folder. `parts` may be views of live vectors; they must
   * not change until the promise resolves. With `seal` the file ends in the SHA-256 of everything before.
   */
  async write(path: string, parts: Iterable<Uint8Array>, options: { seal: boolean }): Promise<void> {
    await asCoded(path, async () => {
      const temporary = `${path}.tmp`;
      this.#watch('write', path);
      const file = await open(temporary, 'w');
      try {
        await writeParts(file, parts, options.seal);
        this.#watch('sync', path);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.publish(temporary, path);
    });
  }

  /** Gives a file that is complete and synced its final name. */
  async publish(temporary: string, path: string): Promise<void> {
    this.#watch('rename', path);
    await rename(temporary, path);
    this.#watch('sync-folder', path);
    await syncFolder(dirname(path));
  }

  async remove(path: string): Promise<void> {
    this.#watch('remove', path);
    await rm(path, { force: true });
  }

  /** Removes all files of a folder that `keep` does not want. Folders in it are none of ours. */
  async sweep(folder: string, keep: (name: string) => boolean): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true }))
      if (entry.isFile() && !keep(entry.name)) await this.remove(join(folder, entry.name));
  }
}

async function writeParts(file: FileHandle, parts: Iterable<Uint8Array>, isSealed: boolean): Promise<void> {
  const hash = isSealed ? createHash('sha256') : null;
  for (const part of parts)
    for (let at = 0; at < part.length; at += FILE_SLICE_BYTES) {
      const slice = part.subarray(at, at + FILE_SLICE_BYTES);
      hash?.update(slice);
      await writeAll(file, slice);
    }
  if (hash) await writeAll(file, hash.digest());
}

export async function makeFolder(path: string): Promise<void> {
  await asCoded(path, () => mkdir(path, { recursive: true }));
}

async function asCoded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new AppError('DISK_FULL', { path }, thrown);
    if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
      throw new AppError('DATA_DIR_UNWRITABLE', { path }, thrown);
    throw thrown;
  }
}

/** A whole small file as text, or null when it is absent or larger than `maxBytes`. */
export async function readSmall(path: string, maxBytes: number): Promise<string | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes > maxBytes) return null;
    return new TextDecoder().decode(await readExactly(file, 0, sizeBytes));
  });
}

/** Runs `use` on an open file and its size; null when there is no such file. */
export async function withFile<T>(
  path: string,
  use: (file: FileHandle, sizeBytes: number) => Promise<T | null>,
): Promise<T | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
  try {
    const { size } = await file.stat();
    return await use(file, size);
  } finally {
    await file.close();
  }
}

/**
 * `sizeBytes` bytes from `offset`; the caller has checked the size against the file's and its own bound.
 * @throws {RangeError} when the file ends before.
 */
export async function readExactly(
  file: FileHandle,
  offset: number,
  sizeBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    const wanted = Math.min(FILE_SLICE_BYTES, sizeBytes - at);
    const { bytesRead } = await file.read(bytes, at, wanted, offset + at);
    if (bytesRead === 0) throw new RangeError('the file ends early');
    at += bytesRead;
  }
  return bytes;
}

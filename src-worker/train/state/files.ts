import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';

/** Reading: sizes are known before anything is allocated, and nothing large is read in one go. */

/** A whole small file as text, or null when it is absent or larger than `maxBytes`. */
export async function readSmall(path: string, maxBytes: number): Promise<string | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes > maxBytes) return null;
    return new TextDecoder().decode(await readExactly(file, 0, sizeBytes));
  });
}

/** Bytes of a file; null where there is none. */
export const sizeOf = (path: string): Promise<number | null> =>
  withFile(path, async (_file, sizeBytes) => sizeBytes);

/**
 * A file open for reading. A pipe would wait for somebody who writes it, and hold a thread of the pool meanwhile.
 * @throws {AppError} PATH_NO_FILE for a pipe, a device or a socket, or what the system says
 */
export async function openFile(path: string): Promise<{ file: FileHandle; sizeBytes: number }> {
  // Windows has no such flag, and no pipes in folders.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const stat = await file.stat().catch(async (thrown: unknown) => {
    await file.close();
    throw thrown;
  });
  // What is read of a folder is refused by the system, in its own words.
  if (stat.isFile() || stat.isDirectory()) return { file, sizeBytes: stat.size };
  await file.close();
  throw new AppError('PATH_NO_FILE', { path });
}

/** Runs `use` on an open file and its size; null when there is no such file, or the disk cannot read it. */
export async function withFile<T>(
  path: string,
  use: (file: FileHandle, sizeBytes: number) => Promise<T | null>,
): Promise<T | null> {
  let file: FileHandle | undefined;
  try {
    const opened = await openFile(path);
    file = opened.file;
    return await use(file, opened.sizeBytes);
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EIO') console.error(`the disk cannot read ${path}`, thrown);
    else if (code !== 'ENOENT') throw thrown;
    return null;
  } finally {
    await file?.close();
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
  await readInto(file, offset, bytes);
  return bytes;
}

/** Fills `into` with what the file has from `offset` on. @throws {RangeError} when the file ends before. */
export async function readInto(file: FileHandle, offset: number, into: Uint8Array): Promise<void> {
  for (let at = 0; at < into.length; ) {
    const wanted = Math.min(FILE_SLICE_BYTES, into.length - at);
    const { bytesRead } = await file.read(into, at, wanted, offset + at);
    if (bytesRead === 0) throw new RangeError('the file ends early');
    at += bytesRead;
  }
}

/** Bytes [from, to) of a file in slices; each holds until the next is asked for. @throws {RangeError} as `readInto` */
export async function* slicesOf(file: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(FILE_SLICE_BYTES, to - from));
  for (let at = from; at < to; at += buffer.length) {
    const slice = buffer.subarray(0, Math.min(buffer.length, to - at));
    await readInto(file, at, slice);
    yield slice;
  }
}

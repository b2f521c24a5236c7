import { basename } from 'node:path';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';
import { readExactly, withFile } from './files.ts';
import { floatsOf } from './vectors.ts';

/**
 * One number for each parameter, of which nobody needs more than a window at a time: it lies in an engine or on a
 * disk, or is computed as it is read. Only what has to be in one piece is held in memory.
 */
export interface VectorSource {
  /**
   * Copies elements from `offset` on until `into` is full.
   * @throws {AppError} STATE_FILE_MALFORMED where its file is gone or shorter than it was
   */
  read(into: Float32Array, offset: number): Promise<void>;
}

/** Elements of one window: 4 MiB of float32. */
export const WINDOW_ELEMENTS = FILE_SLICE_BYTES / 4;

/** Elements of a vector from `offset` on. */
export interface VectorWindow {
  readonly offset: number;
  readonly values: Float32Array;
}

export const inMemory = (vector: Float32Array): VectorSource => ({
  read: async (into, offset) => into.set(vector.subarray(offset, offset + into.length)),
});

/** A vector in a file, its first element at byte `begin`. Whoever makes one has verified or written that file. */
export const inFile = (path: string, begin: number): VectorSource => ({
  async read(into, offset) {
    const from = begin + 4 * offset;
    const bytes = await withFile(path, async (file, sizeBytes) =>
      sizeBytes < from + into.byteLength ? null : readExactly(file, from, into.byteLength),
    );
    if (!bytes)
      throw new AppError('STATE_FILE_MALFORMED', {
        reason: `${basename(path)} is gone or shorter than it was`,
      });
    into.set(floatsOf(bytes, 0, into.length));
  },
});

/** Offsets and lengths of the windows over a vector of so many elements. */
export function* windowsOver(
  elements: number,
  most = WINDOW_ELEMENTS,
): Generator<{ readonly offset: number; readonly length: number }> {
  for (let offset = 0; offset < elements; offset += most)
    yield { offset, length: Math.min(most, elements - offset) };
}

/** The vector, window by window; each holds until the next is asked for. */
export async function* windowsOf(source: VectorSource, elements: number): AsyncGenerator<VectorWindow> {
  const window = new Float32Array(Math.min(WINDOW_ELEMENTS, elements));
  for (const { offset, length } of windowsOver(elements)) {
    const values = window.subarray(0, length);
    await source.read(values, offset);
    yield { offset, values };
  }
}

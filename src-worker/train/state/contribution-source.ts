import type { CodecId } from '../../../src-shared/codec/table.ts';
import { chunkGrid, chunkLength, chunkStart } from '../../../src-shared/reduce/chunks.ts';
import type { VectorSource } from '../vector-source.ts';
import { readExactly, withFile } from './files.ts';
import type { Replica } from './replica.ts';

/** A file that is no contribution of this model in the codec it is said to be of. */
export class Undecodable extends Error {}

/**
 * The weights that a base comes to when somebody's contribution is taken in alone: base - contribution, an element at a
 * time in float64, rounded once. Of the contribution no more than the chunks of one window is in memory.
 */
export function takenIn(
  { coder, elements, consensus, slices }: Pick<Replica, 'coder' | 'elements' | 'consensus' | 'slices'>,
  base: VectorSource,
  { path, codec }: { readonly path: string; readonly codec: CodecId },
): VectorSource {
  const grid = chunkGrid(elements, consensus.codec.chunkElements);
  const offsets = coder.offsets(codec);

  /** Encoded chunks [first, last]. @throws {Undecodable} */
  async function encoded(first: number, last: number): Promise<Uint8Array> {
    const bytes = await withFile(path, async (file, sizeBytes) => {
      if (sizeBytes !== offsets.at(-1)) return null;
      return readExactly(file, offsets[first]!, offsets[last + 1]! - offsets[first]!);
    });
    if (!bytes) throw new Undecodable();
    return bytes;
  }

  return {
    /** @throws {Undecodable} */
    async read(into, offset) {
      await base.read(into, offset);
      const first = Math.floor(offset / grid.chunkElements);
      const last = Math.floor((offset + into.length - 1) / grid.chunkElements);
      const bytes = await encoded(first, last);
      for (let chunk = first; chunk <= last; chunk += 1) {
        const from = offsets[chunk]! - offsets[first]!;
        const one = bytes.subarray(from, from + coder.bytes(codec, chunk));
        const values = coder.peek(codec, chunk, one);
        if (!values) throw new Undecodable();
        const start = chunkStart(grid, chunk) - offset;
        const end = Math.min(start + chunkLength(grid, chunk), into.length);
        for (let i = Math.max(0, start); i < end; i += 1) into[i] = into[i]! - values[i - start]!;
        await slices.worked(end - Math.max(0, start));
      }
    },
  };
}

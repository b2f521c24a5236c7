import { type ChunkCoder, chunkMaxBytes } from './codec/chunk-coder.ts';
import { type ChunkGrid, chunkLength } from './reduce/chunks.ts';
import type { ContributionManifest } from './spool.ts';

/**
 * Where the chunks of a contribution lie in its file: chunk k is the bytes [offsets[k], offsets[k + 1]). A manifest from
 * before offsets stood in it is of a codec that takes as many for every value.
 * @returns null where they rise by nothing, by more than a chunk can take, or not from 0 to the end of the file
 */
export function chunkOffsets(
  { codec, offsets }: Pick<ContributionManifest, 'codec' | 'offsets'>,
  at: { readonly grid: ChunkGrid; readonly coder: ChunkCoder; readonly fileBytes: number },
): readonly number[] | null {
  const { grid, coder, fileBytes } = at;
  const found = offsets ?? coder.offsets(codec);
  if (found.length !== grid.chunks + 1 || found[0] !== 0 || found.at(-1) !== fileBytes) return null;
  const isFit = found.slice(1).every((end, chunk) => {
    const bytes = end - found[chunk]!;
    return bytes > 0 && bytes <= chunkMaxBytes(codec, chunkLength(grid, chunk));
  });
  return isFit ? found : null;
}

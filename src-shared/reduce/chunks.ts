/** A fixed grid over the flat vector: chunk k starts at element k * chunkElements, the last one may be shorter. */
export interface ChunkGrid {
  readonly elements: number;
  readonly chunkElements: number;
  readonly chunks: number;
}

export function chunkGrid(elements: number, chunkElements: number): ChunkGrid {
  if (!Number.isSafeInteger(elements) || elements < 1) throw new RangeError('elements must be above 0');
  if (!Number.isSafeInteger(chunkElements) || chunkElements < 1)
    throw new RangeError('chunkElements must be above 0');
  return { elements, chunkElements, chunks: Math.ceil(elements / chunkElements) };
}

/** First element of a chunk. */
export const chunkStart = (grid: ChunkGrid, chunk: number): number => chunk * grid.chunkElements;

/** Elements in a chunk. */
export function chunkLength(grid: ChunkGrid, chunk: number): number {
  if (!Number.isSafeInteger(chunk) || chunk < 0 || chunk >= grid.chunks)
    throw new RangeError('chunk outside the grid');
  return Math.min(grid.chunkElements, grid.elements - chunk * grid.chunkElements);
}

import type { Slices } from '../slices.ts';
import {
  type VectorSource,
  type VectorWindow,
  WINDOW_ELEMENTS,
  windowsSideBySide,
} from '../vector-source.ts';

/**
 * The arithmetic of contributions, element by element in float64, rounded once to float32. A delta is what the local
 * replica moved away from its base, base - local: a pseudo-gradient, so that descending along it is progress.
 *
 * What it keeps: (all that was taken) + residue + (base - local) = all local progress, whatever comes of a round.
 */

/** What a peer's offer is made of; all three of one length. */
export interface Offer {
  readonly base: VectorSource;
  readonly local: VectorSource;
  readonly residue: VectorSource | null;
}

/** How long a vector is, what it is cut into, and how much of a residue is offered again. */
export interface Extent {
  readonly elements: number;
  readonly chunkElements: number;
  /** Share of the residue that counts. */
  readonly residueDecay: number;
}

/** delta + what counts of the residue in windows of whole chunks: what the peer offers to the round. Each holds until the next. */
export async function* offered(
  slices: Slices,
  { base, local, residue }: Offer,
  { elements, chunkElements, residueDecay }: Extent,
): AsyncGenerator<VectorWindow> {
  const sources = residue ? [base, local, residue] : [base, local];
  const windows = windowsSideBySide(sources, elements, wholeChunks(chunkElements));
  for await (const { offset, vectors } of windows) {
    const [values, weights, owed] = vectors as [Float32Array, Float32Array, Float32Array?];
    await slices.each(values.length, (from, to) => {
      if (owed)
        for (let i = from; i < to; i += 1) values[i] = values[i]! - weights[i]! + residueDecay * owed[i]!;
      else for (let i = from; i < to; i += 1) values[i] = values[i]! - weights[i]!;
    });
    yield { offset, values };
  }
}

/** Elements of a window of whole chunks. */
export const wholeChunks = (chunkElements: number): number =>
  chunkElements * Math.max(1, Math.floor(WINDOW_ELEMENTS / chunkElements));

/** L2 norm. */
export const norm = async (slices: Slices, vector: Float32Array): Promise<number> =>
  Math.sqrt(await squaresOf(slices, vector));

/** Sum of the squares of a vector's elements. */
export async function squaresOf(slices: Slices, vector: Float32Array): Promise<number> {
  // Four sums side by side: each addition would wait for the one before.
  let [a, b, c, d] = [0, 0, 0, 0];
  await slices.each(vector.length, (from, to) => {
    let i = from;
    for (; i + 4 <= to; i += 4) {
      a += vector[i]! * vector[i]!;
      b += vector[i + 1]! * vector[i + 1]!;
      c += vector[i + 2]! * vector[i + 2]!;
      d += vector[i + 3]! * vector[i + 3]!;
    }
    for (; i < to; i += 1) a += vector[i]! * vector[i]!;
  });
  return a + b + c + d;
}

/** The local replica on another base: what it learned since `from` is kept, everything before stays with `from`. */
export function rebased(
  slices: Slices,
  onto: VectorSource,
  { local, from }: { readonly local: VectorSource; readonly from: VectorSource },
): VectorSource {
  // Read again and again at the same length, by one at a time.
  let [before, after] = [new Float32Array(0), new Float32Array(0)];
  return {
    async read(into, offset) {
      if (before.length !== into.length)
        [before, after] = [new Float32Array(into.length), new Float32Array(into.length)];
      await Promise.all([local.read(into, offset), from.read(before, offset), onto.read(after, offset)]);
      await slices.each(into.length, (start, end) => {
        for (let i = start; i < end; i += 1) into[i] = after[i]! + (into[i]! - before[i]!);
      });
    },
  };
}

/** Factor that brings a vector of norm `length` down to one of at most `limit`; null where nothing would be left. */
export function capFactor(length: number, limit: number | null): number | null {
  if (!Number.isFinite(length) || length === 0) return null;
  if (limit === null || length <= limit) return 1;
  return limit > 0 ? limit / length : null;
}

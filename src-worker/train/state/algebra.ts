import type { Slices } from '../slices.ts';
import { type VectorSource, type VectorWindow, WINDOW_ELEMENTS, windowsOver } from './vector-source.ts';

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

/** How long a vector is, and what it is cut into. */
export interface Extent {
  readonly elements: number;
  readonly chunkElements: number;
}

/** delta + residue in windows of whole chunks: what the peer offers to the round. Each holds until the next. */
export async function* offered(
  slices: Slices,
  { base, local, residue }: Offer,
  { elements, chunkElements }: Extent,
): AsyncGenerator<VectorWindow> {
  const most = chunkElements * Math.max(1, Math.floor(WINDOW_ELEMENTS / chunkElements));
  const size = Math.min(most, elements);
  const [values, weights] = [new Float32Array(size), new Float32Array(size)];
  const owed = residue && new Float32Array(size);
  for (const { offset, length } of windowsOver(elements, most)) {
    const window = values.subarray(0, length);
    await base.read(window, offset);
    await local.read(weights.subarray(0, length), offset);
    await residue?.read(owed!.subarray(0, length), offset);
    await slices.each(length, (from, to) => {
      for (let i = from; i < to; i += 1) window[i] = window[i]! - weights[i]! + (owed ? owed[i]! : 0);
    });
    yield { offset, values: window };
  }
}

/** L2 norm of a vector that passes by; not finite when one of its elements is not. */
export async function normOf(slices: Slices, windows: AsyncIterable<VectorWindow>): Promise<number> {
  let sum = 0;
  for await (const { values } of windows) sum += await squaresOf(slices, values);
  return Math.sqrt(sum);
}

/** L2 norm. */
export const norm = async (slices: Slices, vector: Float32Array): Promise<number> =>
  Math.sqrt(await squaresOf(slices, vector));

/** Sum of the squares of a vector's elements. */
export async function squaresOf(slices: Slices, vector: Float32Array): Promise<number> {
  let sum = 0;
  await slices.each(vector.length, (from, to) => {
    for (let i = from; i < to; i += 1) sum += vector[i]! * vector[i]!;
  });
  return sum;
}

/** The local replica on another base: what it learned since `from` is kept, everything before stays with `from`. */
export function rebased(
  slices: Slices,
  onto: Float32Array,
  { local, from }: { readonly local: VectorSource; readonly from: VectorSource },
): VectorSource {
  return {
    async read(into, offset) {
      const before = new Float32Array(into.length);
      await local.read(into, offset);
      await from.read(before, offset);
      await slices.each(into.length, (start, end) => {
        for (let i = start; i < end; i += 1) into[i] = onto[offset + i]! + (into[i]! - before[i]!);
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

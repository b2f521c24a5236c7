import type { Slices } from '../slices.ts';

/**
 * The arithmetic of contributions, element by element in float64, rounded once to float32. A delta is what the local
 * replica moved away from its base, base - local: a pseudo-gradient, so that descending along it is progress.
 *
 * What it keeps: (all that was taken) + residue + (base - local) = all local progress, whatever comes of a round.
 */

/** What a peer's offer is made of; all three of one length. */
export interface Offer {
  readonly base: Float32Array;
  readonly local: Float32Array;
  readonly residue: Float32Array | null;
}

/** delta + residue of the elements from `from` on, until `into` is full: what the peer offers to the round. */
export function offeredPart({ base, local, residue }: Offer, from: number, into: Float32Array): void {
  for (let i = 0; i < into.length; i += 1)
    into[i] = base[from + i]! - local[from + i]! + (residue ? residue[from + i]! : 0);
}

/** The whole offer. */
export async function offered(slices: Slices, offer: Offer): Promise<Float32Array> {
  const vector = new Float32Array(offer.base.length);
  await slices.each(vector.length, (from, to) => offeredPart(offer, from, vector.subarray(from, to)));
  return vector;
}

/** L2 norm of the offer before it is rounded; not finite when the offer is not. */
export async function offeredNorm(slices: Slices, { base, local, residue }: Offer): Promise<number> {
  let sum = 0;
  await slices.each(base.length, (from, to) => {
    for (let i = from; i < to; i += 1) {
      const value = base[i]! - local[i]! + (residue ? residue[i]! : 0);
      sum += value * value;
    }
  });
  return Math.sqrt(sum);
}

/** The local replica on another base: what it learned since `from` is kept, everything before stays with `from`. */
export async function rebased(
  slices: Slices,
  onto: Float32Array,
  { local, from }: { readonly local: Float32Array; readonly from: Float32Array },
): Promise<Float32Array> {
  const moved = new Float32Array(onto.length);
  await slices.each(moved.length, (start, end) => {
    for (let i = start; i < end; i += 1) moved[i] = onto[i]! + (local[i]! - from[i]!);
  });
  return moved;
}

export async function norm(slices: Slices, vector: Float32Array): Promise<number> {
  let sum = 0;
  await slices.each(vector.length, (from, to) => {
    for (let i = from; i < to; i += 1) sum += vector[i]! * vector[i]!;
  });
  return Math.sqrt(sum);
}

/** Scales the vector down, in place, to a norm of at most `limit`. @returns null where nothing is left of it */
export async function capped(
  slices: Slices,
  vector: Float32Array,
  limit: number | null,
): Promise<Float32Array | null> {
  const length = await norm(slices, vector);
  if (!Number.isFinite(length) || length === 0) return null;
  if (limit === null || length <= limit) return vector;
  const scale = limit / length;
  await slices.each(vector.length, (from, to) => {
    for (let i = from; i < to; i += 1) vector[i] = vector[i]! * scale;
  });
  return scale > 0 ? vector : null;
}

/**
 * The arithmetic of contributions, element by element in float64, rounded once to float32. A delta is what the local
 * replica moved away from its base, base - local: a pseudo-gradient, so that descending along it is progress.
 *
 * What it keeps: (all that was taken) + residue + (base - local) = all local progress, whatever comes of a round.
 */

/** delta + residue: what the peer offers to the round. */
export function offered(
  base: Float32Array,
  local: Float32Array,
  residue: Float32Array | null,
  into = new Float32Array(base.length),
): Float32Array {
  for (let i = 0; i < base.length; i += 1) into[i] = base[i]! - local[i]! + (residue ? residue[i]! : 0);
  return into;
}

/** The local replica on another base: what it learned since `from` is kept, everything before stays with `from`. */
export function rebased(onto: Float32Array, local: Float32Array, from: Float32Array): Float32Array {
  const moved = new Float32Array(onto.length);
  for (let i = 0; i < onto.length; i += 1) moved[i] = onto[i]! + (local[i]! - from[i]!);
  return moved;
}

export function norm(vector: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i += 1) sum += vector[i]! * vector[i]!;
  return Math.sqrt(sum);
}

/** The vector scaled down to a norm of at most `limit`; null where nothing is left of it. */
export function capped(vector: Float32Array, limit: number | null): Float32Array | null {
  const length = norm(vector);
  if (!Number.isFinite(length) || length === 0) return null;
  if (limit === null || length <= limit) return vector;
  return vector.map((value) => value * (limit / length));
}

/** What a roster does to members whose contribution or wish is out of proportion (ROUNDS section 3). */
export const MAX_CLIP_EXPONENT = 6;
/** A norm or weight may be this many medians. */
const ALLOWED_MEDIANS = 2;
/** A norm is a sum in float64; senders and reducers may add in another order. */
const NORM_TOLERANCE = 1e-6;

/** Middle value; the mean of the two middle ones for an even number. @throws {RangeError} for none */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Sum of squares in the order of the vector. */
export function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/**
 * The least e in 0..6 with norm * 2^-e at most two medians.
 * @returns null when no such e exists: that member's weight is 0
 */
export function clipExponent(norm: number, medianNorm: number): number | null {
  for (let e = 0; e <= MAX_CLIP_EXPONENT; e++) if (norm * 2 ** -e <= ALLOWED_MEDIANS * medianNorm) return e;
  return null;
}

/** An integer weight of at most twice the median of those above 0. */
export const cappedWeight = (weight: number, medianWeight: number): number =>
  Math.min(weight, Math.floor(ALLOWED_MEDIANS * medianWeight));

/** Whether a part (or several chunks of one) may belong to a vector of the declared norm. */
export const withinNorm = (sumOfSquares: number, declaredNorm: number): boolean =>
  Math.sqrt(sumOfSquares) <= declaredNorm * (1 + NORM_TOLERANCE);

/** What a member declares of its contribution. */
interface Declared {
  readonly weight: number;
  readonly norm: number;
}

/**
 * Weights below the sum of the others, so that nobody alone is half of an average. Of three and more only the largest
 * can be above; two can never both be below.
 */
export function belowOthers(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, c) => a + c, 0);
  return weights.map((weight) => (weight > 1 && 2 * weight >= sum ? Math.max(1, sum - weight - 1) : weight));
}

/**
 * Weight and clip exponent of each member, and the median norm they refer to. Members of weight 0 do not count towards
 * a median, nor do those whose norm no clip brings down to it: what a roster says follows from those it counts.
 */
export function clipMembers(members: readonly Declared[]): {
  readonly medianNorm: number;
  readonly members: readonly { readonly weight: number; readonly clipExponent: number }[];
} {
  const counting = withinReach(members.filter(({ weight }) => weight > 0));
  if (counting.length === 0)
    return { medianNorm: 0, members: members.map(() => ({ weight: 0, clipExponent: 0 })) };
  const medianNorm = median(counting.map(({ norm }) => norm));
  const medianWeight = median(counting.map(({ weight }) => weight));
  const clips = members.map(({ weight, norm }) => (weight > 0 ? clipExponent(norm, medianNorm) : null));
  const weights = belowOthers(
    members.map(({ weight }, i) => (clips[i] === null ? 0 : cappedWeight(weight, medianWeight))),
  );
  return {
    medianNorm,
    members: weights.map((weight, i) => ({ weight, clipExponent: weight > 0 ? clips[i]! : 0 })),
  };
}

/** Without those whose norm is beyond every clip; their going may lower the median under others. */
function withinReach(counting: readonly Declared[]): readonly Declared[] {
  for (let left = counting; ; ) {
    if (left.length === 0) return left;
    const medianNorm = median(left.map(({ norm }) => norm));
    const fitting = left.filter(({ norm }) => clipExponent(norm, medianNorm) !== null);
    if (fitting.length === left.length) return left;
    left = fitting;
  }
}

/**
 * The gradient term of the score: does what a miner says about its first step's gradients agree with what a
 * validator computes from the same weights and text?
 */

/** Random-sign sums at the end of a sketch; what stands before them are sums of absolute values. */
export const SKETCH_PROJECTIONS = 16;
/** Below this agreement the score is 0: different machines agree far better, made-up numbers far worse. */
export const GRADIENT_THRESHOLD = 0.75;
/** Below this size numbers count as equal to zero. */
const FLOOR = 1e-8;

/** One sketch per micro-batch: sums of absolute values, then the projections. */
export type Sketches = readonly ArrayLike<number>[];

export type GradientComparison = {
  /** The lower of the two agreements, 0 below the threshold: what is scored. */
  readonly score: number;
  readonly sums: number;
  readonly projections: number;
  /** Why the score is 0 without a comparison. */
  readonly refused?: 'nothing-to-compare' | 'different-count' | 'malformed-sketch';
};

const refuse = (refused: NonNullable<GradientComparison['refused']>): GradientComparison => ({
  score: 0,
  sums: 0,
  projections: 0,
  refused,
});

/**
 * Agreement of a miner's sketches with the validator's, micro-batch by micro-batch in the same order. Sums see
 * magnitudes, projections see directions; both must hold, so the lower one counts.
 */
export function compareSketches(
  miner: Sketches,
  validator: Sketches,
  { threshold = GRADIENT_THRESHOLD }: { threshold?: number } = {},
): GradientComparison {
  if (validator.length === 0) return refuse('nothing-to-compare');
  if (miner.length !== validator.length) return refuse('different-count');
  let sums = 0;
  let projections = 0;
  for (const [index, mine] of miner.entries()) {
    const ours = Array.from(validator[index]!);
    const theirs = Array.from(mine);
    if (theirs.length !== ours.length || theirs.length <= SKETCH_PROJECTIONS)
      return refuse('malformed-sketch');
    if (!theirs.every(Number.isFinite) || !ours.every(Number.isFinite)) return refuse('malformed-sketch');
    const split = ours.length - SKETCH_PROJECTIONS;
    sums += sumAgreement(theirs.slice(0, split), ours.slice(0, split)) / miner.length;
    projections += projectionAgreement(theirs.slice(split), ours.slice(split)) / miner.length;
  }
  const raw = Math.min(sums, projections);
  return { score: gate(raw, threshold), sums, projections };
}

/** 1 - mean of |m - v| / max(|m|, |v|, 1e-8), at least 0. */
export function sumAgreement(miner: readonly number[], validator: readonly number[]): number {
  const apart = miner.reduce((sum, m, i) => {
    const v = validator[i]!;
    return sum + Math.abs(m - v) / Math.max(Math.abs(m), Math.abs(v), FLOOR);
  }, 0);
  return Math.max(0, 1 - apart / miner.length);
}

/** 1 - distance of the two vectors over the longer one's norm, at least 0. */
export function projectionAgreement(miner: readonly number[], validator: readonly number[]): number {
  const distance = Math.hypot(...miner.map((m, i) => m - validator[i]!));
  return Math.max(0, 1 - distance / Math.max(Math.hypot(...miner), Math.hypot(...validator), FLOOR));
}

function gate(agreement: number, threshold: number): number {
  return agreement < threshold ? 0 : agreement;
}

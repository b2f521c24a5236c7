/**
 * The exponential moving average of a score, begun at 0 so that one good round does not pay like many.
 * What was not measured moves nothing; what is no number is not measured, and was not known.
 * @param alpha share of the newest score, 0..1
 */
export function moveAverage(previous: number | null, score: number | null, alpha: number): number | null {
  const before = Number.isFinite(previous) ? previous : null;
  if (score === null || !Number.isFinite(score)) return before;
  return alpha * score + (1 - alpha) * (before ?? 0);
}

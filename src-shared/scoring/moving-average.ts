/**
 * The exponential moving average of a score, begun at 0 so that one good round does not pay like many.
 * What was not measured moves nothing.
 * @param alpha share of the newest score, 0..1
 */
export function moveAverage(previous: number | null, score: number | null, alpha: number): number | null {
  if (score === null) return previous;
  return alpha * score + (1 - alpha) * (previous ?? 0);
}

/** Held-out loss of the base that a round left, in nats per token. */
export interface RoundLoss {
  readonly round: number;
  readonly loss: number;
}

/** A loss that rises and does not stop rising. */
export interface LossRise {
  /** States in a row, each with a larger loss than the one before. */
  readonly states: number;
  /** Of the last state before it rose. */
  readonly sinceRound: number;
  readonly fromLoss: number;
  readonly toLoss: number;
}

/** So many states in a row are no accident: a loss that only trembles around a level rises thrice running one time in 24. */
export const RISING_STATES = 3;
/** Less than this share of the loss in all is the trembling of a model that has learnt what it can. */
export const RISING_SHARE = 0.002;

/**
 * Whether the newest states of a run get worse one after another. Rounds that nobody measured are passed over.
 * @param points by round, oldest first
 * @returns null while the newest state is no worse than the one before, and until enough of them rose far enough
 */
export function lossRise(points: readonly RoundLoss[]): LossRise | null {
  let first = points.length - 1;
  while (first > 0 && points[first]!.loss > points[first - 1]!.loss) first -= 1;
  const [before, newest] = [points[first], points.at(-1)];
  if (!before || !newest) return null;
  const states = points.length - 1 - first;
  if (states < RISING_STATES || newest.loss < before.loss * (1 + RISING_SHARE)) return null;
  return { states, sinceRound: before.round, fromLoss: before.loss, toLoss: newest.loss };
}

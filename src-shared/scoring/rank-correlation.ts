/**
 * Spearman's rank correlation: Pearson's of the ranks, where equal values share the mean of the places that they take.
 * Written out with ties, for the short form with squared differences holds without them alone.
 * @returns -1..1, or null where there is no order to compare: fewer than two values, or all of one side equal
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number | null {
  if (a.length !== b.length) throw new RangeError(`${a.length} values against ${b.length}`);
  const [x, y] = [centredRanks(a), centredRanks(b)];
  const sum = (of: (i: number) => number) => x.reduce((total, _, i) => total + of(i), 0);
  const [xx, yy] = [sum((i) => x[i]! ** 2), sum((i) => y[i]! ** 2)];
  if (xx === 0 || yy === 0) return null;
  return sum((i) => x[i]! * y[i]!) / Math.sqrt(xx * yy);
}

/** Ranks less their mean, which is (n - 1) / 2 counted from 0. All are whole halves, so sums of them are exact. */
function centredRanks(values: readonly number[]): readonly number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (const i of order.slice(from, to)) ranks[i] = (from + to - 1) / 2 - (values.length - 1) / 2;
    from = to;
  }
  return ranks;
}

/** Weight by uid, in whatever unit. */
export type WeightRow = ReadonlyMap<number, number>;

/**
 * How far two rows of weights put the same uids in the same order, over all to whom either gives any: who gets nothing
 * from one of them has 0 there.
 */
export function weightAgreement(ours: WeightRow, theirs: WeightRow): number | null {
  const uids = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
    (uid) => (ours.get(uid) ?? 0) > 0 || (theirs.get(uid) ?? 0) > 0,
  );
  return rankCorrelation(
    uids.map((uid) => ours.get(uid) ?? 0),
    uids.map((uid) => theirs.get(uid) ?? 0),
  );
}

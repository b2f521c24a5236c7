type Matrix = readonly (readonly number[])[];

/** What the bonds of the older consensus are moved by. Vectors are by uid, matrices [validator][miner]. */
export interface Shares {
  /** Bonds of the previous epoch; a column whose neuron is new since then is nothing. */
  readonly before: Matrix;
  /** Weights as the bonds follow them. */
  readonly target: Matrix;
  /** Active stake, sums to 1. */
  readonly stake: readonly number[];
  readonly incentive: readonly number[];
  /** How much of the new enters the moving average in one epoch, 0..1. */
  readonly rate: number;
}

/**
 * Bonds and dividends where a subnet has not turned Yuma3 on: all bonds in one miner are shares of one whole, which
 * stake buys (../shared/reference/chain.md E 9). Liquid alpha has no part in it.
 * @returns bonds with the largest of each column at 1, as they are kept; dividends are not normalised
 */
export function sharedBonds({ before, target, stake, incentive, rate }: Shares): {
  readonly bonds: (readonly number[])[];
  readonly earned: number[];
} {
  const old = columnsOverSum(before);
  const bought = columnsOverSum(target.map((row, i) => row.map((weight) => weight * (stake[i] ?? 0))));
  const moved = columnsOverSum(
    old.map((row, i) => row.map((bond, j) => bond + rate * ((bought[i]?.[j] ?? 0) - bond))),
  );
  const earned = moved.map((row) => row.reduce((sum, bond, j) => sum + bond * (incentive[j] ?? 0), 0));
  return { bonds: columnsOver(moved, Math.max), earned };
}

const columnsOverSum = (matrix: Matrix): (readonly number[])[] => columnsOver(matrix, (a, b) => a + b);

/** Each column divided by what it comes to; one of nothing stays so. */
function columnsOver(matrix: Matrix, join: (total: number, value: number) => number): (readonly number[])[] {
  const totals = new Array<number>(matrix.length).fill(0);
  for (const row of matrix) for (const [j, value] of row.entries()) totals[j] = join(totals[j] ?? 0, value);
  const over = (value: number, j: number) => (value === 0 ? 0 : value / (totals[j] ?? 1));
  return matrix.map((row) => (row.some((value) => value !== 0) ? row.map(over) : row));
}

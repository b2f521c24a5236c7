import { ratioOf } from './ratio.ts';

/**
 * How unequally amounts are spread: 0 where all are the same, towards 1 where one has everything. With the amounts in
 * ascending order x_1..x_n it is sum((2i - n - 1) x_i) / (n sum x).
 * @returns null where there is nobody, or nothing to share
 */
export function gini(amounts: readonly bigint[]): number | null {
  const sorted = amounts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const n = sorted.length;
  let [weighted, sum] = [0n, 0n];
  for (const [i, amount] of sorted.entries()) {
    weighted += BigInt(2 * (i + 1) - n - 1) * amount;
    sum += amount;
  }
  return ratioOf(weighted, BigInt(n) * sum);
}

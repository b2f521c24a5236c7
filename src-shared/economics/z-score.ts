/** How far apart the scores of miners lie: in standard deviations from their mean. */
export interface Spread {
  readonly n: number;
  readonly mean: number;
  /** Of the population; never 0 here. */
  readonly deviation: number;
}

/** @returns null for fewer than two, and where all are the same: then nothing tells one from another */
export function spreadOf(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  const deviation = Math.sqrt(variance);
  // What rounding leaves of equal values is no difference.
  return deviation <= Math.abs(mean) * 1e-12 ? null : { n, mean, deviation };
}

export const zScore = (value: number, { mean, deviation }: Spread): number => (value - mean) / deviation;

/** The value that the best quarter reaches at least. @returns null for nobody */
export function topQuartile(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => b - a);
  return sorted[Math.max(0, Math.ceil(sorted.length / 4) - 1)] ?? null;
}

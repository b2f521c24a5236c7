import type { PeriodRow } from '../../src-shared/earnings/periods.ts';

export interface PeriodBar {
  readonly slot: number;
  /** Height against the largest shown, 0 to 1; null: nobody looked, and nothing is known. */
  readonly share: number | null;
  readonly row: PeriodRow;
}

/** One bar a period, the newest at the right. A period that nobody looked at keeps its place and has no bar. */
export function periodBars(rows: readonly PeriodRow[], slots: number): readonly PeriodBar[] {
  const shown = rows.slice(-slots);
  const largest = shown.reduce((most, { alpha }) => (alpha !== null && alpha > most ? alpha : most), 0n);
  const shareOf = (alpha: bigint): number =>
    largest === 0n || alpha <= 0n ? 0 : Number((alpha * 1_000n) / largest) / 1_000;
  return shown.map((row, i) => ({
    slot: slots - shown.length + i,
    share: row.alpha === null ? null : shareOf(row.alpha),
    row,
  }));
}

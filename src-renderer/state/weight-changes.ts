import type { WeightsRow } from '../../src-shared/contract/page/weights-plan.ts';

/** Shares below this are the chain's own rounding to 65,535 parts. */
const ROUNDING = 1 / 65_535;

/** By how much a share would change, -1..1; 0 where only rounding does, null where there was none to compare with. */
export function changeOf({ share, before }: Pick<WeightsRow, 'share' | 'before'>): number | null {
  if (before === null) return null;
  const change = share - before;
  return Math.abs(change) <= ROUNDING ? 0 : change;
}

/** Those that change most first, new ones by what they get; of equal ones the highest weight. */
export const changedFirst = (rows: readonly WeightsRow[]): readonly WeightsRow[] => {
  const moved = (row: WeightsRow) => Math.abs(changeOf(row) ?? row.share);
  return rows.toSorted((a, b) => moved(b) - moved(a) || b.weight - a.weight || a.uid - b.uid);
};

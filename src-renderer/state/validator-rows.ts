import type { AccountView } from '../../src-shared/contract/page/money.ts';
import type { ValidatorRow, ValidatorsView, WeekReturn } from '../../src-shared/contract/page/validators.ts';
import type { AlphaRao } from '../../src-shared/units.ts';

export const validatorColumns = ['stake', 'take', 'week'] as const;
export type ValidatorColumn = (typeof validatorColumns)[number];

export interface ShownValidator extends ValidatorRow {
  /** What this account has on it; null: nothing. */
  readonly ownAlpha: AlphaRao | null;
}

/** Those of whom a figure is not known last, whichever figure it is; the lowest take first, else the largest first. */
export function shownValidators(
  { netuid, rows }: ValidatorsView,
  { holds }: AccountView,
  by: ValidatorColumn,
): readonly ShownValidator[] {
  const own = new Map(
    holds?.stakes.flatMap((stake) => (stake.netuid === netuid ? [[stake.hotkey, stake.alpha] as const] : [])),
  );
  return rows
    .map((row) => ({ ...row, ownAlpha: own.get(row.hotkey) ?? null }))
    .toSorted((a, b) => rank(a, b, by) || largerFirst(a.stakeAlpha, b.stakeAlpha));
}

function rank(a: ValidatorRow, b: ValidatorRow, by: ValidatorColumn): number {
  switch (by) {
    case 'stake':
      return 0;
    case 'take':
      return largerFirst(-(a.take ?? Number.POSITIVE_INFINITY), -(b.take ?? Number.POSITIVE_INFINITY));
    case 'week':
      return largerFirst(growthOf(a.week), growthOf(b.week));
  }
}

const growthOf = (week: WeekReturn): number =>
  week.kind === 'known' ? week.growth : Number.NEGATIVE_INFINITY;

const largerFirst = <T extends bigint | number>(a: T, b: T): number => (a === b ? 0 : a < b ? 1 : -1);

/** A span that is a week but for the blocks that its edges fall between. */
const WEEK_MS = 7 * 86_400_000;
export const isWholeWeek = (spanMs: number): boolean => spanMs >= WEEK_MS * 0.99;

import type { NeuronRow, SubnetView } from '../../src-shared/contract/page/subnet.ts';
import { blocksPerDay } from '../../src-shared/economics/newcomers.ts';
import { alphaPerDay } from '../../src-shared/economics/returns.ts';
import { hasSetWeights, type Role, roleOf } from '../../src-shared/economics/roles.ts';
import type { AlphaRao } from '../../src-shared/units.ts';

/** A neuron as the table shows it. */
export interface MetagraphRow extends NeuronRow {
  readonly isMine: boolean;
  /** Place among those that newcomers replace, 1 is the next; null: none, or not known. */
  readonly order: number | null;
  readonly role: Role;
  /** Others always go before it. */
  readonly isKept: boolean;
  readonly isImmune: boolean;
  /** null without a tempo. */
  readonly dailyAlpha: AlphaRao | null;
  /** Blocks since it last set weights; null for one that never did. */
  readonly weightsAge: number | null;
}

export const metagraphColumns = [
  'uid',
  'hotkey',
  'kind',
  'stake',
  'incentive',
  'dividends',
  'daily',
  'weights',
  'registered',
  'order',
] as const;
export type MetagraphColumn = (typeof metagraphColumns)[number];

export interface Sorting {
  readonly by: MetagraphColumn;
  readonly isDown: boolean;
}

export function metagraphRows({
  neurons,
  pruneOrder,
  place,
  rules,
  block,
  blockMs,
}: SubnetView): readonly MetagraphRow[] {
  const orders = new Map(pruneOrder?.map((uid, i) => [uid, i + 1]));
  const perDay = blocksPerDay(blockMs);
  return neurons.map((neuron) => ({
    ...neuron,
    isMine: neuron.uid === place?.uid,
    order: orders.get(neuron.uid) ?? null,
    role: roleOf(neuron),
    isKept: pruneOrder !== null && !orders.has(neuron.uid),
    isImmune: rules !== null && block - neuron.registeredAt < rules.immunityPeriod,
    dailyAlpha: rules && alphaPerDay(neuron.emissionAlpha, rules.tempo, perDay),
    weightsAge: hasSetWeights(neuron) ? block - neuron.lastUpdate : null,
  }));
}

/** What a column sorts by; what is not known goes last, whichever way. */
const sortKey: Readonly<Record<MetagraphColumn, (row: MetagraphRow) => bigint | number | string | null>> = {
  uid: ({ uid }) => uid,
  hotkey: ({ hotkey }) => hotkey,
  kind: ({ role }) => role,
  stake: ({ stakeAlpha }) => stakeAlpha,
  incentive: ({ incentive }) => incentive,
  dividends: ({ dividends }) => dividends,
  daily: ({ dailyAlpha }) => dailyAlpha,
  weights: ({ weightsAge }) => weightsAge,
  registered: ({ registeredAt }) => registeredAt,
  order: ({ order }) => order,
};

export function sorted(rows: readonly MetagraphRow[], { by, isDown }: Sorting): readonly MetagraphRow[] {
  const key = sortKey[by];
  const keyed = rows.map((row) => ({ row, value: key(row) }));
  return keyed
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return (a.value === null ? 1 : 0) - (b.value === null ? 1 : 0) || a.row.uid - b.row.uid;
      const way = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      return (isDown ? -way : way) || a.row.uid - b.row.uid;
    })
    .map(({ row }) => row);
}

/** Figures begin with the largest, names and places with the first. */
export const firstSorting = (by: MetagraphColumn): Sorting => ({
  by,
  isDown: ['stake', 'incentive', 'dividends', 'daily', 'registered'].includes(by),
});

/** A cell by row and column; row -1 is the head. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/**
 * Where a key leads in the grid, as the pattern for grids has it.
 * @returns null for a key that leads nowhere
 */
export function cellAfter(
  { row, column }: Cell,
  { key, ctrlKey }: { readonly key: string; readonly ctrlKey: boolean },
  { rows, page }: { readonly rows: number; readonly page: number },
): Cell | null {
  const lastColumn = metagraphColumns.length - 1;
  const within = (wanted: Cell): Cell => ({
    row: Math.max(-1, Math.min(rows - 1, wanted.row)),
    column: Math.max(0, Math.min(lastColumn, wanted.column)),
  });
  switch (key) {
    case 'ArrowUp':
      return within({ row: row - 1, column });
    case 'ArrowDown':
      return within({ row: row + 1, column });
    case 'ArrowLeft':
      return within({ row, column: column - 1 });
    case 'ArrowRight':
      return within({ row, column: column + 1 });
    case 'PageUp':
      return within({ row: row - page, column });
    case 'PageDown':
      return within({ row: row + page, column });
    case 'Home':
      return within({ row: ctrlKey ? -1 : row, column: 0 });
    case 'End':
      return within({ row: ctrlKey ? rows - 1 : row, column: lastColumn });
    default:
      return null;
  }
}

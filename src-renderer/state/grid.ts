/** A grid that is sorted by any of its columns and walked by keys. */

export interface Sorting<Column extends string = string> {
  readonly by: Column;
  readonly isDown: boolean;
}

/** What a row is sorted by in a column; what is not known goes last, whichever way. */
export type SortKey = bigint | number | string | null;

/** Rows by a key, those of equal keys in the order in which they came. */
export function sortedBy<Row>(
  rows: readonly Row[],
  key: (row: Row) => SortKey,
  isDown: boolean,
): readonly Row[] {
  const keyed = rows.map((row) => ({ row, value: key(row) }));
  return keyed
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      const way = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
      return isDown ? -way : way;
    })
    .map(({ row }) => row);
}

/** A cell by row and column; row -1 is the head. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/**
 * Where a key leads in the grid, as the pattern for grids has it.
 * @param page rows that a page key goes by
 * @returns null for a key that leads nowhere
 */
export function cellAfter(
  { row, column }: Cell,
  { key, ctrlKey }: { readonly key: string; readonly ctrlKey: boolean },
  { rows, columns, page }: { readonly rows: number; readonly columns: number; readonly page: number },
): Cell | null {
  const within = (wanted: Cell): Cell => ({
    row: Math.max(-1, Math.min(rows - 1, wanted.row)),
    column: Math.max(0, Math.min(columns - 1, wanted.column)),
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
      return within({ row: ctrlKey ? rows - 1 : row, column: columns - 1 });
    default:
      return null;
  }
}

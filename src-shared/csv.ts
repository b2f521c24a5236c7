/** Tables for spreadsheets, as RFC 4180 has them: the one place that says how a cell is written. */

/** Cells that a spreadsheet would run are kept as text; numbers stay numbers. */
export function csvCell(value: string): string {
  const isNumber = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(value);
  const guarded = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n\t]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export const csvLines = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');

/** One line of what was measured on a device. */
export interface Row {
  readonly section: 'product' | 'stream' | 'training' | 'torch';
  readonly name: string;
  /** `null` where it was not measured: `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly note: string;
}

export const csv = (rows: readonly Row[]): string =>
  [
    ['section', 'name', 'value', 'unit', 'note'],
    ...rows.map(({ section, name, value, unit, note }) => [section, name, value ?? '', unit, note]),
  ]
    .map((cells) => `${cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(',')}\n`)
    .join('');

export const lineOf = ({ section, name, value, unit, note }: Row): string =>
  [section, name, value === null ? 'not measured' : `${value.toPrecision(4)} ${unit}`, note]
    .filter(Boolean)
    .join('  ');

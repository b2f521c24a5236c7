/** One line of what was measured on a device. */
export interface Row {
  readonly section: 'product' | 'stream' | 'kernel' | 'curve' | 'training' | 'torch';
  readonly name: string;
  /** `null` where it was not measured: `note` says why. */
  readonly value: number | null;
  readonly unit: string;
  readonly note: string;
}

/** A row beside what the card could do at most. */
export interface PeakedRow extends Row {
  /** `value` as a part of the card's peak; null where that is not known, and `peakNote` says why. */
  readonly ofPeak: number | null;
  readonly peakNote: string;
}

export const csv = (rows: readonly PeakedRow[]): string =>
  [line(['section', 'name', 'value', 'unit', 'note', 'of peak', 'peak']), ...rows.map(csvLine)].join('');

export const csvLine = ({ section, name, value, unit, note, ofPeak, peakNote }: PeakedRow): string =>
  line([section, name, value ?? '', unit, note, ofPeak ?? '', peakNote]);

const line = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(',')}\n`;

export const lineOf = ({ section, name, value, unit, note, ofPeak }: PeakedRow): string =>
  [
    ...[section, name, value === null ? 'not measured' : `${value.toPrecision(4)} ${unit}`, note],
    ofPeak === null ? '' : `${(100 * ofPeak).toFixed(1)} % of peak`,
  ]
    .filter(Boolean)
    .join('  ');

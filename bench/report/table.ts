import type { BenchReport, Figure } from './figures.ts';

/** The report as lines for a terminal. */
export function table({ machine, figures }: BenchReport): string {
  const header = ['figure', 'value', 'unit', 'peer', 'floor', 'goal', 'note'];
  const rows = [header, ...figures.map(row)];
  const widths = header.map((_title, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const memoryGiB = (machine.memoryBytes / 2 ** 30).toFixed(0);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${memoryGiB} GiB, ${machine.platform}, Node ${machine.node}`,
    ...rows.map(line),
  ].join('\n');
}

const isNumber = (column: number): boolean => column === 1 || (column >= 3 && column <= 5);

const row = (figure: Figure): string[] => [
  figure.name,
  figure.measured ? number(figure.value) : 'not measured',
  figure.unit,
  number(figure.peer),
  number(figure.floor),
  number(figure.goal),
  figure.reason ?? figure.seen ?? '',
];

function number(value: number | null): string {
  if (value === null) return '-';
  return Number.isInteger(value) ? value.toString() : value.toPrecision(4);
}

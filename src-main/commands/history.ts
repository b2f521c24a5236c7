import type { RunLogKind } from '../../src-shared/run-logs/row.ts';
import { command, type SaidOf, type ValueOption } from './option.ts';
import { dataDir, run } from './shared-options.ts';
import { oneOf, path } from './values.ts';

const tables = {
  steps: 'step',
  rounds: 'round',
  'held-out': 'held-out',
  scores: 'score',
  chain: 'standing',
  cards: 'card',
} as const;
export type HistoryTable = keyof typeof tables;
export const kindOfTable = (table: HistoryTable): RunLogKind => tables[table];
const names = Object.keys(tables) as HistoryTable[];

/** What runs went through, for other programs: the database is read, and no host is needed. */
export const history = command({
  name: 'history',
  summary: 'Write what runs went through, as CSV or for TensorBoard: steps, rounds, losses, scores, cards.',
  options: {
    csv: {
      name: '--csv',
      help: 'Print this table, a line a row: times in UTC, units in the names of columns.',
      value: oneOf<HistoryTable>(names.join('|'), names),
    } as ValueOption<HistoryTable>,
    tensorboard: {
      name: '--tensorboard',
      help: 'Write event files there, a folder a run; what such a folder has already is gone on with.',
      value: path('FOLDER'),
    } as ValueOption<string>,
    run,
    dataDir,
  },
  more: ['A run may be at work meanwhile: its rows are only read.'],
  rules: [{ kind: 'excludes', key: 'csv', other: 'tensorboard' }],
});

export type HistoryOptions = SaidOf<typeof history>;

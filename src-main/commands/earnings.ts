import { type Period, periods } from '../../src-shared/earnings/periods.ts';
import { command, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { dataDir, run } from './shared-options.ts';
import { oneOf } from './values.ts';

/** What was booked, on a terminal: the ledger is read, and no host is needed. */
export const earnings = command({
  name: 'earnings',
  summary: 'Show what the chain paid your hotkeys, or write it as CSV.',
  options: {
    period: {
      name: '--period',
      help: 'Sum it by epoch, day (the default), week or month, in UTC.',
      value: oneOf<Period>(periods.join('|'), periods),
    } as ValueOption<Period>,
    csv: {
      name: '--csv',
      help: 'Write every row, or the form that Koinly takes: pay by day, own operations one by one.',
      value: oneOf('own|koinly', ['own', 'koinly']),
    } as ValueOption<'own' | 'koinly'>,
    run,
    json: { name: '--json', help: 'Print it as JSON.' } as SwitchOption,
    dataDir,
  },
  more: ['This is no tax advice. What counts as income, and when, differs by country.'],
  rules: [
    { kind: 'excludes', key: 'json', other: 'csv' },
    { kind: 'excludes', key: 'period', other: 'csv' },
  ],
});

export type EarningsOptions = SaidOf<typeof earnings>;

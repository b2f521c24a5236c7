import { command, type SaidOf, type SwitchOption, type ValueOption } from './option.ts';
import { dataDir } from './shared-options.ts';
import { path } from './values.ts';

/** Another computer takes over. */
export const move = command({
  name: 'move',
  summary: 'Move to another computer: put everything it needs into one file, or take it from there.',
  options: {
    export: {
      name: '--export',
      help: 'Here: write the file. This computer gives those hotkeys up.',
      value: path('FILE'),
    } as ValueOption<string>,
    import: {
      name: '--import',
      help: 'There: put in place what is in the file.',
      value: path('FILE'),
    } as ValueOption<string>,
    takeBack: {
      name: '--take-back',
      help: 'Here: work with hotkeys again that never began elsewhere.',
    } as SwitchOption,
    coldkeys: {
      name: '--coldkeys',
      help: 'With --export: take the coldkeys of those wallets along, under their own passwords.',
    } as SwitchOption,
    dataDir,
  },
  more: [
    'In the file, under a password that you choose: hotkeys, settings, address book, ledger, and the list of runs.',
    'The model is fetched from the others. Butterfly has to be stopped on both computers.',
  ],
  rules: [
    { kind: 'excludes', key: 'import', other: 'export' },
    { kind: 'excludes', key: 'takeBack', other: 'export' },
    { kind: 'excludes', key: 'takeBack', other: 'import' },
    { kind: 'needs', key: 'coldkeys', other: 'export' },
  ],
});

export type MoveOptions = SaidOf<typeof move>;

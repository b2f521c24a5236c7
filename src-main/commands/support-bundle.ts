import { addresses } from './logs.ts';
import { command, type SaidOf, type ValueOption } from './option.ts';
import { dataDir } from './shared-options.ts';
import { path, plainText } from './values.ts';

/** What a user sends with a report. */
export const supportBundle = command({
  name: 'support-bundle',
  summary: 'Gather what helps to find a fault: log, settings, versions, hardware; without secrets.',
  options: {
    show: {
      name: '--show',
      help: 'Print this part of it, to be read before anything is sent.',
      value: plainText('PART', 'the name of a part'),
    } as ValueOption<string>,
    out: {
      name: '--out',
      help: 'Write it there, as a ZIP; without this it is only shown.',
      value: path('FILE'),
    } as ValueOption<string>,
    addresses,
    dataDir,
  },
  more: ['Nothing is sent anywhere. It is a file of yours until you give it to somebody.'],
  rules: [{ kind: 'excludes', key: 'show', other: 'out' }],
});

export type SupportBundleOptions = SaidOf<typeof supportBundle>;

import { command, type SaidOf, type ValueOption } from './option.ts';
import { dataDir } from './shared-options.ts';
import { path, wholeNumber } from './values.ts';

/** Devices that a computer lists, the processor among them. */
const MOST_DEVICES = 64;

/** What this computer would do, measured in a terminal. */
export const benchmark = command({
  name: 'benchmark',
  summary: 'Measure what your card would do with each model that ships: two minutes at most.',
  options: {
    device: {
      name: '--device',
      help: 'Measure this one of the list: 0 is the processor (default: the first card that can be used).',
      value: wholeNumber('N', 0, MOST_DEVICES),
    } as ValueOption<number>,
    json: {
      name: '--json',
      help: 'Write what was measured to this file.',
      value: path('FILE'),
    } as ValueOption<string>,
    dataDir,
  },
  more: [
    'Training must rest meanwhile: stop Butterfly first, or measure on its page “Card”.',
    'What is measured is kept in the data folder, and shown there beside the next.',
  ],
});

export type BenchmarkCommandOptions = SaidOf<typeof benchmark>;

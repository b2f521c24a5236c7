import { command, type ValueOption } from './option.ts';
import { dataDir, run } from './shared-options.ts';
import { wholeNumber } from './values.ts';

const WEEK_MINUTES = 7 * 24 * 60;

export const pause = command({
  name: 'pause',
  summary: 'Let training rest, until resumed or for some minutes.',
  options: {
    minutes: {
      name: '--minutes',
      help: 'Go on by itself after that long (default: when resumed).',
      value: wholeNumber('N', 1, WEEK_MINUTES),
    } as ValueOption<number>,
    run,
    dataDir,
  },
});

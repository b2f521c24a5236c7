import { command, type ValueOption } from './option.ts';
import { dataDir, json, run, spanMinutes } from './shared-options.ts';

export const pause = command({
  name: 'pause',
  summary: 'Let training rest, until resumed or for some minutes.',
  options: {
    minutes: {
      name: '--minutes',
      help: 'Go on by itself after that long (default: when resumed).',
      value: spanMinutes,
    } as ValueOption<number>,
    run,
    json: { ...json, help: 'Print the status afterwards, as `status --json` does.' },
    dataDir,
  },
});

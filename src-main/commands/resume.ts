import { command, type ValueOption } from './option.ts';
import { dataDir, json, run, spanMinutes } from './shared-options.ts';

export const resume = command({
  name: 'resume',
  summary: 'Go on after a pause.',
  options: {
    anyway: {
      name: '--anyway',
      help: 'Set the house rules aside for so many minutes, for all runs.',
      value: spanMinutes,
    } as ValueOption<number>,
    run,
    json: { ...json, help: 'Print the status afterwards, as `status --json` does.' },
    dataDir,
  },
  rules: [{ kind: 'excludes', key: 'anyway', other: 'run' }],
});

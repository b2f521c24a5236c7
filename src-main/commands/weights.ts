import { command, type SwitchOption } from './option.ts';
import { dataDir, json, run } from './shared-options.ts';

export const weights = command({
  name: 'weights',
  summary: 'Show what weights a validator that runs here would set now, and what changed since the last.',
  options: {
    dryRun: {
      name: '--dry-run',
      help: 'As without it: this command signs and sends nothing.',
    } as SwitchOption,
    run,
    json,
    dataDir,
  },
});

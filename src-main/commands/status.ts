import { command, type SwitchOption } from './option.ts';
import { dataDir } from './shared-options.ts';

export const status = command({
  name: 'status',
  summary: 'Show what the Butterfly that runs on the data folder is doing.',
  options: {
    json: { name: '--json', help: 'Print it as JSON.' } as SwitchOption,
    dataDir,
  },
});

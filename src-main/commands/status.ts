import { command } from './option.ts';
import { dataDir, json } from './shared-options.ts';

export const status = command({
  name: 'status',
  summary: 'Show what the Butterfly that runs on the data folder is doing.',
  options: {
    json,
    dataDir,
  },
});

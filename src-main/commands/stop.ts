import { command } from './option.ts';
import { dataDir, json } from './shared-options.ts';

export const stop = command({
  name: 'stop',
  summary: 'Stop the Butterfly that runs on the data folder, and wait until it has ended.',
  options: { json, dataDir },
});

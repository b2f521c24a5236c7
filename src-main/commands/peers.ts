import { command } from './option.ts';
import { dataDir, json, run } from './shared-options.ts';

export const peers = command({
  name: 'peers',
  summary: 'List the peers of the Butterfly that runs on the data folder, and what was seen of each.',
  options: { run, json, dataDir },
});

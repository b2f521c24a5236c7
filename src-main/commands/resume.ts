import { command } from './option.ts';
import { dataDir, run } from './shared-options.ts';

export const resume = command({
  name: 'resume',
  summary: 'Go on after a pause.',
  options: { run, dataDir },
});

import { command } from './option.ts';
import { dataDir, pageOptions, profile } from './shared-options.ts';

/** The host with its page; what is run is chosen there. */
export const serve = command({
  name: 'serve',
  summary: 'Start Butterfly and go on with what was chosen last (the default).',
  options: { ...pageOptions, dataDir, profile },
  rules: [{ kind: 'excludes', key: 'port', other: 'headless' }],
});

import { SPAN_MINUTES_MAX } from '../../src-shared/rules/pauses.ts';
import type { SwitchOption, ValueOption } from './option.ts';
import { path, plainText, port, wholeNumber } from './values.ts';

/** Options that several commands have. */

/** Up to a week: whoever wants longer says so again. */
export const spanMinutes = wholeNumber('N', 1, SPAN_MINUTES_MAX);

export const dataDir: ValueOption<string> = {
  name: '--data-dir',
  env: 'BUTTERFLY_DATA_DIR',
  help: 'Keep keys, databases and model states there.',
  value: path('FOLDER'),
};

export const pageOptions = {
  port: {
    name: '--port',
    env: 'BUTTERFLY_PORT',
    help: 'Serve the page on this port of 127.0.0.1 (default: one that stays the same for the data folder).',
    value: port,
  } as ValueOption<number>,
  noOpen: {
    name: '--no-open',
    env: 'BUTTERFLY_NO_OPEN',
    help: 'Open no window and no browser; print how to get in.',
  } as SwitchOption,
  headless: {
    name: '--headless',
    env: 'BUTTERFLY_HEADLESS',
    help: 'Run without a page.',
  } as SwitchOption,
  metricsPort: {
    name: '--metrics-port',
    env: 'BUTTERFLY_METRICS_PORT',
    help: 'Answer /metrics for Prometheus on this port of 127.0.0.1 (default: what the settings say, else none).',
    value: port,
  } as ValueOption<number>,
};

/** For commands that ask a host which runs: what scripts read. */
export const json: SwitchOption = { name: '--json', help: 'Print it as JSON.' };

export const run: ValueOption<string> = {
  name: '--run',
  help: 'Only the run with this hotkey (default: all).',
  value: {
    name: 'HOTKEY',
    expected: 'the address of a hotkey',
    read: (text) => (/^[1-9A-HJ-NP-Za-km-z]{40,60}$/.test(text) ? text : null),
  },
};

export const profile: ValueOption<string> = {
  name: '--profile',
  help: 'Run profile to start with.',
  value: plainText('NAME', 'the name of a profile'),
};

import type { Hex } from '../../src-shared/units.ts';
import { command, type ValueOption } from './option.ts';
import { dataDir, json, run } from './shared-options.ts';

export const follow = command({
  name: 'follow',
  summary: 'Show which run takes over from one of this computer, or go over to it.',
  options: {
    accept: {
      name: '--accept',
      help: 'Go over to the run with this hash: the one before ends, nothing is paid.',
      value: {
        name: 'HASH',
        expected: 'the hash of the run that follows, all 64 digits of it',
        read: (text) => (/^[0-9a-f]{64}$/.test(text) ? (text as Hex) : null),
      },
    } as ValueOption<Hex>,
    run,
    json: { ...json, help: 'Print the status, as `status --json` does.' },
    dataDir,
  },
});

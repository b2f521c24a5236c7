import { command, type Word } from './option.ts';
import { dataDir, json, run } from './shared-options.ts';
import { oneOf, path } from './values.ts';

export type DisputeAct = 'check' | 'write';

/** A miner shows what validators signed of it; a validator looks whether that holds. */
export const dispute = command({
  name: 'dispute',
  summary: 'Write what validators signed of your hotkey into a file, or check such a file of somebody else.',
  words: {
    act: {
      help: 'check: verify every signature in it, against the run that works here. write: of a run that works here.',
      value: oneOf<DisputeAct>('check|write', ['check', 'write']),
    } as Word<DisputeAct>,
    file: { help: 'The file.', value: path('FILE') } as Word<string>,
  },
  options: { run: { ...run, help: 'With write: of the run with this hotkey.' }, json, dataDir },
  rules: [
    { kind: 'demands', key: 'act' },
    { kind: 'demands', key: 'file' },
  ],
});

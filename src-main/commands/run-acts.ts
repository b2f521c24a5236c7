import { AppError } from '../../src-shared/errors/app-error.ts';
import { type RunAct, type RunOptions, run } from './run.ts';

type Key = Exclude<keyof RunOptions, 'act'>;

interface Wants {
  readonly demands: readonly Key[];
  readonly takes: readonly Key[];
}

const owner: readonly Key[] = ['network', 'wallet'];

/** What each act cannot do without, and what it takes besides. */
const wants: Readonly<Record<RunAct, Wants>> = {
  open: { demands: [...owner, 'limit'], takes: ['hotkey', 'dryRun', 'dataDir'] },
  create: {
    demands: ['file', ...owner, 'netuid'],
    takes: [
      'base',
      'name',
      'subnetName',
      'witnesses',
      'bootstrap',
      'follows',
      'afterRound',
      'dryRun',
      'dataDir',
    ],
  },
  pin: { demands: ['file'], takes: ['textFolder'] },
  publish: { demands: ['file', 'store'], takes: ['token', 'dataDir'] },
  announce: { demands: ['file', 'store', ...owner], takes: ['dryRun', 'dataDir'] },
  withdraw: { demands: [...owner, 'netuid'], takes: ['dryRun', 'dataDir'] },
  start: { demands: [...owner, 'netuid'], takes: ['dryRun', 'dataDir'] },
  show: { demands: ['file'], takes: [] },
};

/**
 * What was said for an act: all that it demands, and nothing that would have no effect.
 * @throws {AppError} OPTION_MISSING, OPTION_WITHOUT_EFFECT
 */
export function checkAct(said: RunOptions): RunAct {
  const { act } = said;
  if (act === null) throw new TypeError('the rules of the command demand it');
  const { demands, takes } = wants[act];
  for (const key of demands)
    if (said[key] === null)
      throw new AppError('OPTION_MISSING', { command: `run ${act}`, option: nameOf(key) });
  const known: readonly string[] = ['act', ...demands, ...takes];
  for (const [key, value] of Object.entries(said))
    if (value !== null && value !== false && !known.includes(key))
      throw new AppError('OPTION_WITHOUT_EFFECT', { option: nameOf(key as Key), command: `run ${act}` });
  return act;
}

const nameOf = (key: Key): string => (key === 'file' ? 'FILE' : run.options[key].name);

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { falseClock } from '../../tools/build/false-clock.ts';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, ROUND_MS } from './limits.ts';
import { committedRound } from './picks.ts';

const BACK_S = 2 * 3_600;
const ROUNDS = 3;

/**
 * The wall clock of every process is set back by two hours in the middle of a practice: the next rounds have to commit.
 * @param trouble called when it begins
 */
export const clockBack = (trouble: () => void): Promise<GoesOn> =>
  inFolder('clock', async (folder) => {
    const dataDir = join(folder, 'data');
    await mkdir(dataDir);
    const clock = await falseClock(join(folder, 'offset'));
    const host = startHostProcess(dataDir, clock.env);
    try {
      const before = await host.first('a committed round', committedRound, FIRST_COMMIT_MS);
      trouble();
      await clock.shift(-BACK_S);
      const outcomes: string[] = [];
      for (let round = before + 1; round <= before + ROUNDS; round++)
        outcomes.push(
          await host.first(
            `round ${round}`,
            (told) => (told.kind === 'settled' && told.round >= round ? told.outcome : undefined),
            ROUND_MS,
          ),
        );
      return {
        goesOn: outcomes.every((outcome) => outcome === 'committed'),
        seen: `rounds after it: ${outcomes.join(', ')}; told: ${[...host.notices].join(', ') || 'nothing'}`,
      };
    } finally {
      await host.stop();
    }
  });

import { setTimeout as sleep } from 'node:timers/promises';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, ROUND_MS } from './limits.ts';
import { committedRound } from './picks.ts';

const KILLS = 5;
/** From a round's opening to its ready block at the quickest pace: 12 blocks of a second. */
const WORK_MS = 12_000;

/**
 * -9 of the user's host while a round is worked on, again and again: it has to contribute to that same round.
 * @param trouble called when it begins
 */
export const restartGoesOn = (trouble: () => void, kills = KILLS): Promise<GoesOn> =>
  inFolder('restart', async (folder) => {
    let host = startHostProcess(folder);
    try {
      await host.first('a committed round', committedRound, FIRST_COMMIT_MS);
      trouble();
      const seen: string[] = [];
      let good = 0;
      for (let n = 0; n < kills; n++) {
        const opened = await host.first('a round at work', openedRound(), ROUND_MS);
        const afterMs = Math.round(Math.random() * WORK_MS);
        await sleep(afterMs);
        await host.kill();
        host = startHostProcess(folder);
        const contributed = await host.first(
          `round ${opened}`,
          (told) =>
            told.kind === 'settled' && told.round >= opened
              ? told.round === opened && told.contributed
              : undefined,
          ROUND_MS,
        );
        if (contributed) good++;
        seen.push(`${(afterMs / 1000).toFixed(1)} s: ${contributed ? 'contributed' : 'not'}`);
      }
      return { goesOn: good === kills, seen: `killed after ${seen.join(', ')}` };
    } finally {
      await host.stop();
    }
  });

/** The next round whose opening is seen: the one in progress at the start of looking may be nearly over. */
function openedRound() {
  let before: number | null = null;
  return (told: Parameters<typeof committedRound>[0]): number | undefined => {
    if (told.kind !== 'view') return undefined;
    before ??= told.round;
    return told.round > before && told.phase === 'working' ? told.round : undefined;
  };
}

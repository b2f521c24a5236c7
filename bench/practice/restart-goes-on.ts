import { setTimeout as sleep } from 'node:timers/promises';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, ROUND_MS } from './limits.ts';
import { committedRound } from './picks.ts';
import type { HostTold } from './told.ts';

const KILLS = 5;
/** Blocks from a round's opening to its ready block. */
const WORK_BLOCKS = 12;
/** The moment lies somewhere in its block: no block is shorter. */
const IN_BLOCK_MS = 900;

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
        const before = 1 + Math.floor(Math.random() * WORK_BLOCKS);
        const opened = await host.first('a round at work', nextRound(before), ROUND_MS);
        await sleep(Math.random() * IN_BLOCK_MS);
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
        seen.push(`${before} (${contributed ? 'contributed' : 'not'})`);
      }
      return {
        goesOn: good === kills,
        seen: `blocks before the ready block when it was killed: ${seen.join(', ')}`,
      };
    } finally {
      await host.stop();
    }
  });

/** The round after the one in progress, once so many blocks are left before its ready block. */
function nextRound(blocks: number) {
  let before: number | null = null;
  return (told: HostTold): number | undefined => {
    if (told.kind !== 'view') return undefined;
    before ??= told.round;
    const isDue = told.phase === 'working' && told.beforeReady <= blocks;
    return told.round > before && isDue ? told.round : undefined;
  };
}

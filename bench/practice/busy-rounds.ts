import { setTimeout as sleep } from 'node:timers/promises';
import { blockTimeMs } from './block-time.ts';
import { type HostProcess, startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, ROUND_MS } from './limits.ts';
import { startLoad } from './load.ts';
import { committedRound } from './picks.ts';
import type { HostTold } from './told.ts';

const ROUNDS = 10;
const BUSY_LIMIT_MS = 20 * 60_000;
const LOAD_MS = 60_000;
/** After the load the chain has so long to be quick again. */
const SETTLE_MS = 60_000;
const SLOWER_AT_MOST = 1.2;

export interface BusyRounds {
  readonly committed: number;
  readonly of: number;
  /** Whether what else the figure asks for held too. */
  readonly paceIsBack: boolean | null;
  readonly seen: string;
}

/** Rounds of a practice with busy loops beside it from its start, and the pace of its chain once they have ended. */
export const roundsCommittedBusy = (rounds = ROUNDS): Promise<BusyRounds> =>
  inFolder('busy', async (folder) => {
    const idleMs = await idleBlockTime();
    const endLoad = startLoad();
    const host = startHostProcess(folder);
    try {
      const began = performance.now();
      const committed = await countCommitted(host, rounds, BUSY_LIMIT_MS);
      const tookMs = performance.now() - began;
      await endLoad();
      await sleep(SETTLE_MS);
      const afterMs = await blockTimeMs(host);
      return {
        committed,
        of: rounds,
        paceIsBack: afterMs <= idleMs * SLOWER_AT_MOST,
        seen: `${Math.round(tookMs / 1000)} s, blocks of ${Math.round(idleMs)} ms idle, ${Math.round(afterMs)} ms after`,
      };
    } finally {
      await endLoad();
      await host.stop();
    }
  });

/** Rounds after a load of a minute that came in the middle of a practice and went. */
export const roundsAfterLoad = (rounds = ROUNDS): Promise<BusyRounds> =>
  inFolder('after-load', async (folder) => {
    const host = startHostProcess(folder);
    let endLoad = async () => {};
    try {
      await host.first('a committed round', committedRound, FIRST_COMMIT_MS);
      endLoad = startLoad();
      await sleep(LOAD_MS);
      await endLoad();
      const committed = await countCommitted(host, rounds, BUSY_LIMIT_MS);
      return { committed, of: rounds, paceIsBack: null, seen: `of the ${rounds} rounds that followed` };
    } finally {
      await endLoad();
      await host.stop();
    }
  });

const idleBlockTime = (): Promise<number> =>
  inFolder('idle', async (folder) => {
    const host = startHostProcess(folder);
    try {
      for (let n = 0; n < 2; n++)
        await host.first('a committed round', committedRound, n === 0 ? FIRST_COMMIT_MS : ROUND_MS);
      return await blockTimeMs(host);
    } finally {
      await host.stop();
    }
  });

/** Of so many clock rounds from the first that is settled on, in the time given: a round never told is not committed. */
async function countCommitted(host: HostProcess, rounds: number, limitMs: number): Promise<number> {
  let first: number | null = null;
  const committed = new Set<number>();
  const isOver = (told: HostTold): true | undefined => {
    if (told.kind === 'view') {
      if (told.round >= 0) first ??= told.round;
      return first !== null && told.round > first + rounds ? true : undefined;
    }
    if (told.kind !== 'settled' || first === null || told.round < first) return undefined;
    if (told.round < first + rounds && told.outcome === 'committed') committed.add(told.round);
    return told.round >= first + rounds - 1 || undefined;
  };
  // Time that ran out ends the count, and is no failure of the bench.
  await host.first(`${rounds} rounds`, isOver, limitMs).catch(() => undefined);
  return committed.size;
}

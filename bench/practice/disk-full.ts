import { execFileSync } from 'node:child_process';
import { rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS } from './limits.ts';
import { missingRows, moneyRows } from './money-rows.ts';
import { committedRound } from './picks.ts';

const FULL_MS = 20_000;
const SIZE = '1g';

/** Whether a file system of its own can be mounted here. */
export const canMount = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

/**
 * A practice whose disk is full for twenty seconds, after its first committed round.
 * @param trouble called when it begins
 */
export const diskFull = (trouble: () => void): Promise<GoesOn> =>
  inFolder('disk-full', async (folder) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder]);
    try {
      return await fillAndFree(folder, trouble);
    } finally {
      // Children of the practice may hold the folder for a moment yet: it goes when the last of them has ended.
      execFileSync('umount', ['--lazy', folder]);
    }
  });

async function fillAndFree(folder: string, trouble: () => void): Promise<GoesOn> {
  const host = startHostProcess(folder);
  try {
    await host.first('a committed round', committedRound, FIRST_COMMIT_MS);
    const before = moneyRows(folder);
    trouble();
    const filler = join(folder, 'filler');
    const endsAt = performance.now() + FULL_MS;
    // What others free in between is taken at once, too.
    while (performance.now() < endsAt) {
      fill(filler);
      await sleep(500);
    }
    const { bavail } = await statfs(folder);
    await rm(filler);
    const round = await host.first('a committed round after it', committedRound, FIRST_COMMIT_MS);
    const missing = missingRows(before, moneyRows(folder)).length;
    const isTold = host.notices.has('DISK_FULL');
    return {
      goesOn: missing === 0 && isTold,
      seen: `${bavail} free blocks while full, ${isTold ? 'told' : 'not told'}, ${missing} of ${before.length} money rows missing, round ${round} committed`,
    };
  } finally {
    await host.stop();
  }
}

function fill(path: string): void {
  try {
    execFileSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=64k', 'oflag=append', 'conv=notrunc'], {
      stdio: 'ignore',
    });
  } catch {
    // It ends with the error that is wanted: no space left.
  }
}

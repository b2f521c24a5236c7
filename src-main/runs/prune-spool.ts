import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSpoolFolder, spoolFolder } from '../../src-shared/spool.ts';

/**
 * What is kept of a round goes after this many: by its results list who was away learns what was taken of it. Contributions
 * and averages, which are long, go with the next outcome (src-worker/train/state/offer-files.ts).
 */
export const SPOOL_ROUNDS_KEPT = 4;

/** Deletes the round files that nobody asks for any more. A file still open on Windows goes the next time. */
export async function pruneSpool(spoolDir: string, settledRound: number): Promise<void> {
  const oldest = spoolFolder(Math.max(0, settledRound - SPOOL_ROUNDS_KEPT + 1));
  const folders = await readdir(spoolDir).catch(() => []);
  const old = folders.filter((name) => isSpoolFolder(name) && name < oldest);
  await Promise.all(
    old.map((name) => rm(join(spoolDir, name), { recursive: true, force: true }).catch(() => {})),
  );
}

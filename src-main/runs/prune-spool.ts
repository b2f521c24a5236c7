import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { spoolFolder } from '../../src-shared/spool.ts';

/** Inputs and results are kept this many rounds back, for peers that miss chunks and for audits. */
export const SPOOL_ROUNDS_KEPT = 2;

/** Deletes the round files that nobody asks for any more. A file still open on Windows goes the next time. */
export async function pruneSpool(spoolDir: string, settledRound: number): Promise<void> {
  const oldest = spoolFolder(Math.max(0, settledRound - SPOOL_ROUNDS_KEPT + 1));
  const folders = await readdir(spoolDir).catch(() => []);
  const old = folders.filter((name) => /^\d{12}$/.test(name) && name < oldest);
  await Promise.all(
    old.map((name) => rm(join(spoolDir, name), { recursive: true, force: true }).catch(() => {})),
  );
}

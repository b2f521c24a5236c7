import { rename } from 'node:fs/promises';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { NOTHING_PAID } from '../runs/joined.ts';
import type { Runs } from '../runs/runs.ts';
import { besidePractice } from './beside.ts';

/**
 * Ends a practice, what works beside it, and begins another one. The old folder is kept aside under another name, and what was earned in it
 * stays in the ledger.
 * @returns where the old one lies now
 * @throws {AppError} RUN_UNKNOWN, NOT_NOW for a run that is no practice, or of the disk
 */
export async function startOver(runs: Runs, id: Ss58, folder: string): Promise<{ readonly keptAt: string }> {
  if (!runs.factsOf(id).controls.includes('start-over'))
    throw new AppError('NOT_NOW', { what: 'Starting over', state: 'joined' });
  for (const other of besidePractice(runs)) {
    if (runs.live.has(other)) await runs.end(other, 'now');
    await runs.forget(other);
  }
  if (runs.live.has(id)) await runs.end(id, 'now');
  const keptAt = `${folder}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  await rename(folder, keptAt).catch((thrown: NodeJS.ErrnoException) => {
    // Nothing was made yet: then there is nothing to keep.
    if (thrown.code !== 'ENOENT') throw diskError(thrown, folder);
  });
  await runs.forget(id);
  await runs.start({ kind: 'practice' }, NOTHING_PAID);
  return { keptAt };
}

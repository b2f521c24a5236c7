import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../../src-node/durable-json.ts';
import { address, count } from '../../../src-shared/contract/fields.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { BACKUP_NOTE_FILE } from './layout.ts';

const noteOf = (walletPath: string) =>
  durableJson({
    path: join(walletPath, BACKUP_NOTE_FILE),
    schema: v.object({ address, atMs: count }),
    told: () => undefined,
  });

/**
 * Somebody has proved to have the backup of the coldkey in this folder.
 * @throws {AppError} of the disk
 */
export const noteBackup = (walletPath: string, coldkey: Ss58, atMs: number): Promise<void> =>
  noteOf(walletPath).write({ address: coldkey, atMs });

/** When that was; null where nobody did, or for another coldkey that lay here before. */
export async function backedUpAt(walletPath: string, coldkey: Ss58 | null): Promise<number | null> {
  const note = await noteOf(walletPath)
    .peek()
    .catch(() => null);
  return note !== null && note.address === coldkey ? note.atMs : null;
}

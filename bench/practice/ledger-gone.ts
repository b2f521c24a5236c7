import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, START_MS } from './limits.ts';
import { missingRows, moneyRows } from './money-rows.ts';
import { committedRound } from './picks.ts';

/** Rows wanted after the newest copy that is left. */
const ROWS_BEHIND = 20;
/** An epoch of ten blocks books one row of money: twenty epochs, at up to 6 s a block. */
const ROWS_MS = 1_500_000;

/**
 * The ledger emptied when its newest copy is many rows old. A store copies every two minutes and when it closes, so
 * copies younger than that are taken away with the rows, as a disk that lost its last writes would: -9, then the ledger
 * and every copy but the oldest are gone.
 * @param trouble called when it begins
 * @param rows of money that have to come back from the chain's events; a node keeps 240 blocks of them
 */
export const ledgerGone = (trouble: () => void, rows = ROWS_BEHIND): Promise<GoesOn> =>
  inFolder('ledger-gone', async (folder) => {
    let host = startHostProcess(folder);
    try {
      await host.first('a committed round', committedRound, FIRST_COMMIT_MS);
      await host.first('rows', () => moneyRows(folder).length >= rows || undefined, ROWS_MS);
      trouble();
      await host.kill();
      const before = moneyRows(folder);
      const keptRows = empty(folder);
      host = startHostProcess(folder);
      await host.first('the practice', ({ kind }) => kind === 'practising' || undefined, START_MS);
      await host.first('a committed round after it', committedRound, FIRST_COMMIT_MS);
      const missing = missingRows(before, moneyRows(folder)).length;
      const told = [...host.notices].filter((code) => /^(?:LEDGER|DATABASE|EARNINGS)_/.test(code));
      return {
        goesOn: missing === 0 && told.length > 0,
        seen: `${before.length} rows, ${keptRows} in the copy left, ${missing} missing, told ${told.join(' ') || 'nothing'}`,
      };
    } finally {
      await host.stop();
    }
  });

/** @returns rows of money in the copy that is left */
function empty(folder: string): number {
  const db = new Sqlite(join(folder, 'ledger.db'));
  db.exec('DELETE FROM epoch_booking; DELETE FROM chain_snapshot; DELETE FROM scan_cursor');
  db.close();
  const copies = readdirSync(join(folder, 'backups'))
    .filter((name) => /^ledger-.*\.db$/.test(name))
    .sort();
  const countOf = (name: string): number => {
    const copy = new Sqlite(join(folder, 'backups', name));
    const count = copy.prepare('SELECT count(*) FROM epoch_booking').pluck().get() as number;
    // What is newer than the oldest copy is lost with the rows.
    if (name !== copies[0])
      copy.exec('DELETE FROM epoch_booking; DELETE FROM chain_snapshot; DELETE FROM scan_cursor');
    copy.close();
    return count;
  };
  return copies.map(countOf)[0] ?? 0;
}

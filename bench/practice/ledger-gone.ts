import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, START_MS } from './limits.ts';
import { missingRows, moneyRows, moneyRowsIn } from './money-rows.ts';
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
      const isBehind = () => moneyRows(folder).length - (oldestCopy(folder)?.rows ?? 0) >= rows || undefined;
      await host.first('rows after the oldest copy', isBehind, ROWS_MS);
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
        goesOn: missing === 0 && told.length > 0 && before.length - keptRows >= rows,
        seen: `${before.length} rows, ${keptRows} in the copy left, ${missing} missing, told ${told.join(' ') || 'nothing'}`,
      };
    } finally {
      await host.stop();
    }
  });

/** Takes all money from the ledger and from every copy but the oldest. @returns rows of money in the one that is left */
function empty(folder: string): number {
  const oldest = oldestCopy(folder);
  for (const path of [join(folder, 'ledger.db'), ...copiesIn(folder)]) {
    if (path === oldest?.path) continue;
    const db = new Sqlite(path);
    db.exec(
      'DELETE FROM epoch_booking; DELETE FROM chain_snapshot; DELETE FROM own_move; DELETE FROM scan_cursor',
    );
    db.close();
  }
  return oldest?.rows ?? 0;
}

const copiesIn = (folder: string): readonly string[] =>
  readdirSync(join(folder, 'backups'))
    .filter((name) => /^ledger-.*\.db$/.test(name))
    .sort()
    .map((name) => join(folder, 'backups', name));

function oldestCopy(folder: string): { readonly path: string; readonly rows: number } | null {
  const [path] = copiesIn(folder);
  return path === undefined ? null : { path, rows: moneyRowsIn(path).length };
}

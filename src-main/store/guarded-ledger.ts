import type { Database } from 'better-sqlite3';
import { type Backups, rowsOf } from './backups.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { BACKUP_EVERY_MS, BACKUP_ROWS } from './limits.ts';
import type { Witness } from './witness.ts';

export interface GuardedLedger {
  readonly ledger: Ledger;
  /** Takes a last copy, where rows came since the one before. */
  close(): void;
}

/** The ledger, whose rows are counted by a witness and copied while they come. */
export function guardLedger(db: Database, backups: Backups, witness: Witness): GuardedLedger {
  const ledger = openLedger(db);
  let copiedRows = backups.sound()[0]?.rows ?? null;
  let copiedAt = performance.now();
  const begun = new Set(witness.known.begun.map(({ chain, hotkey }) => `${chain} ${hotkey}`));

  function copy(rows: number): void {
    backups.take(db, rows, Date.now());
    copiedRows = rows;
    copiedAt = performance.now();
  }

  function onRow(): void {
    const rows = rowsOf(db);
    witness.note({ ledgerRows: rows });
    const isDue = performance.now() - copiedAt >= BACKUP_EVERY_MS;
    // A disk without room for a copy has room for a row: the next one tries again.
    if (isDue && rows - (copiedRows ?? 0) >= BACKUP_ROWS) attempt(() => copy(rows));
  }

  function onScanned(chain: string, hotkey: string, block: number): void {
    if (begun.has(`${chain} ${hotkey}`)) return;
    begun.add(`${chain} ${hotkey}`);
    witness.note({ begun: [...witness.known.begun, { chain, hotkey, block }] });
  }

  for (const { chain, hotkey, block } of firstBlocks(db)) onScanned(chain, hotkey, block);
  const found = rowsOf(db);
  if (found !== witness.known.ledgerRows) witness.note({ ledgerRows: found });
  const today = new Date().toISOString().slice(0, 10);
  const hasToday = backups.sound().some(({ file }) => file.includes(today));
  if (!hasToday || found > (copiedRows ?? 0)) attempt(() => copy(found));

  return {
    ledger: {
      ...ledger,
      bookBlock(query) {
        ledger.bookBlock(query);
        const { hotkey, block, epoch, moves, snapshot, account } = query.booked;
        if (epoch || snapshot || account || moves.length > 0) onRow();
        onScanned(query.chain, hotkey, block);
      },
    },
    close() {
      const rows = rowsOf(db);
      if (rows > (copiedRows ?? 0)) attempt(() => copy(rows));
    },
  };
}

/** The first block of each hotkey, as far as its ledger tells: folders of before the witness know no other. */
const firstBlocks = (db: Database): { chain: string; hotkey: string; block: number }[] =>
  db
    .prepare(
      `SELECT chain, hotkey, coalesce((SELECT min(block) FROM epoch_booking b
         WHERE b.chain = scan_cursor.chain AND b.hotkey = scan_cursor.hotkey), block) AS block FROM scan_cursor`,
    )
    .all() as { chain: string; hotkey: string; block: number }[];

function attempt(work: () => void): void {
  try {
    work();
  } catch (thrown) {
    console.error('the ledger could not be copied', thrown);
  }
}

import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { type Backups, openBackups, rowsOf } from './backups.ts';
import { ledgerMigrations } from './ledger-schema.ts';
import { type DatabaseSpec, isGone, migrated, moveAside, openSound } from './open-database.ts';
import type { Known } from './witness.ts';

const spec: DatabaseSpec = { name: 'ledger', migrations: ledgerMigrations, synchronous: 'FULL' };

export interface LedgerFile {
  readonly db: Database;
  readonly backups: Backups;
  readonly notices: readonly CodedError[];
}

/**
 * Opens the ledger. One that is missing where there was one, unreadable, or holds fewer rows than were known is
 * damaged: the fullest of its copies takes its place, and what came after that copy is looked for on the chain again.
 * @param known what the folder remembers of it
 * @throws {AppError} DATABASE_NEWER, or of the disk
 */
export function openLedgerFile(dataDir: string, known: Known): LedgerFile {
  const path = join(dataDir, 'ledger.db');
  const backups = openBackups(join(dataDir, 'backups'), spec.name);
  try {
    const { db, notice } = openBest(path, known, backups);
    migrated(db, dataDir, spec);
    if (notice) rewind(db, known);
    return { db, backups, notices: notice ? [notice] : [] };
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

interface Best {
  readonly db: Database;
  readonly notice: CodedError | null;
}

function openBest(path: string, known: Known, backups: Backups): Best {
  const best = backups.sound()[0];
  const wasThere = known.ledgerRows !== null || best !== undefined;
  const expected = Math.max(known.ledgerRows ?? 0, best?.rows ?? 0);
  const gone = isGone(path);
  const found = gone && wasThere ? null : openSound(path, spec);
  const rows = found ? rowsOf(found) : 0;
  if (found && rows >= expected) return { db: found, notice: null };
  const facts = { name: spec.name, found: rows, known: expected };
  // What the ledger itself still has is the best there is.
  if (found && rows >= (best?.rows ?? 0))
    return { db: found, notice: { code: 'LEDGER_ROWS_LOST', params: facts } };
  found?.close();
  const movedTo = moveAside(path);
  if (best) backups.restore(best, path);
  const db = openSound(path, spec);
  if (!db) throw new AppError('DATA_DIR_UNWRITABLE', { path });
  return { db, notice: noticeOf({ ...facts, movedTo }, best?.file ?? null, found !== null || gone) };
}

function noticeOf(
  params: { readonly name: string; readonly found: number; readonly known: number; readonly movedTo: string },
  backup: string | null,
  isReadable: boolean,
): CodedError {
  const { name, movedTo } = params;
  if (!backup)
    return isReadable
      ? { code: 'DATABASE_LOST', params: { name } }
      : { code: 'DATABASE_CORRUPT', params: { name, movedTo } };
  return isReadable
    ? { code: 'LEDGER_RESTORED', params: { ...params, backup } }
    : { code: 'DATABASE_RESTORED', params: { name, movedTo, backup } };
}

/**
 * Moves the scan of each hotkey back to where the ledger ends: what was booked later is read from the chain again.
 * A row that is found twice stays once.
 */
function rewind(db: Database, { begun }: Known): void {
  const back = db.transaction(() => {
    db.exec(`DELETE FROM scan_cursor;
      INSERT INTO scan_cursor SELECT chain, hotkey, max(block) FROM epoch_booking GROUP BY chain, hotkey;`);
    const begin = db.prepare('INSERT OR IGNORE INTO scan_cursor VALUES (@chain, @hotkey, @block)');
    for (const { chain, hotkey, block } of begun) begin.run({ chain, hotkey, block: Math.max(0, block - 1) });
  });
  back.immediate();
}

import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { BACKUP_DAYS_KEPT, BACKUPS_RECENT } from './limits.ts';
import { copyTo } from './migrate.ts';
import { isCorruption } from './open-database.ts';

/** A sound copy of the ledger. */
export interface Backup {
  /** Its name in the folder of copies. */
  readonly file: string;
  readonly rows: number;
}

/** The copies of the ledger: none ever gives way to one that holds less. */
export interface Backups {
  /** Most rows first; of equals the newest. */
  sound(): readonly Backup[];
  /** Copies the database, unless a copy with more rows is there: then this one has lost some. */
  take(db: Database, rows: number, nowMs: number): void;
  /** Puts a copy in the place of the ledger. */
  restore(backup: Backup, path: string): void;
}

/** Bookings, moves and snapshots in a ledger; 0 for one without tables. */
export function rowsOf(db: Database): number {
  const tables = db.prepare(
    `SELECT name FROM sqlite_master WHERE name IN ('epoch_booking', 'chain_snapshot', 'own_move', 'account_move')`,
  );
  const counts = tables.pluck().all() as string[];
  return counts.reduce(
    (rows, table) => rows + (db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number),
    0,
  );
}

export function openBackups(folder: string, name: string): Backups {
  // Copies of earlier versions carry the day alone.
  const pattern = new RegExp(`^${name}-(\\d{4}-\\d{2}-\\d{2})(?:T\\d{9})?\\.db$`);
  const files = (): string[] =>
    existsSync(folder) ? readdirSync(folder).filter((file) => pattern.test(file)) : [];
  const dayOf = (file: string): string => pattern.exec(file)?.[1] ?? '';

  const sound = (): Backup[] =>
    files()
      .map((file) => ({ file, rows: rowsOfFile(join(folder, file)) }))
      .filter((backup): backup is Backup => backup.rows !== null)
      .sort((a, b) => b.rows - a.rows || (a.file < b.file ? 1 : -1));

  function rotate(): void {
    const best = sound();
    const days = [...new Set(best.map(({ file }) => dayOf(file)))].slice(0, BACKUP_DAYS_KEPT);
    const daily = days.map((day) => best.find(({ file }) => dayOf(file) === day));
    const kept = new Set([...best.slice(0, BACKUPS_RECENT), ...daily].map((backup) => backup?.file));
    for (const file of files()) if (!kept.has(file)) rmSync(join(folder, file), { force: true });
  }

  return {
    sound,
    take(db, rows, nowMs) {
      if (rows < (sound()[0]?.rows ?? 0)) return;
      const at = new Date(nowMs).toISOString().slice(0, 23).replace(/[:.]/g, '');
      copyTo(db, join(folder, `${name}-${at}.db`));
      rotate();
    },
    restore: ({ file }, path) => copyFileSync(join(folder, file), path),
  };
}

/** null for a copy that cannot be trusted. */
function rowsOfFile(path: string): number | null {
  let db: Database | undefined;
  try {
    db = new Sqlite(path, { readonly: true, fileMustExist: true });
    return db.pragma('quick_check(1)', { simple: true }) === 'ok' ? rowsOf(db) : null;
  } catch (thrown) {
    if (isCorruption(thrown)) return null;
    throw thrown;
  } finally {
    db?.close();
  }
}

import { chmodSync, copyFileSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { BACKUPS_KEPT } from './limits.ts';
import { copyTo, type Migration, migrate, versionOf } from './migrate.ts';

export interface DatabaseSpec {
  /** "ledger": the file is ledger.db, its copies are backups/ledger-*.db. */
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** FULL syncs every commit; NORMAL may lose the last ones when the power goes, never more. */
  readonly synchronous: 'NORMAL' | 'FULL';
  /** Copied once a day, and restored from the newest good copy. */
  readonly backedUp: boolean;
}

export interface OpenedDatabase {
  readonly db: Database;
  readonly notice: CodedError | null;
}

/**
 * Opens a database of the data folder. A corrupt one is moved aside, never overwritten.
 * @throws {AppError} DATABASE_NEWER, DISK_FULL, DATA_DIR_UNWRITABLE
 */
export function openDatabase(dataDir: string, spec: DatabaseSpec, nowMs: number): OpenedDatabase {
  const path = join(dataDir, `${spec.name}.db`);
  const backups = join(dataDir, 'backups');
  try {
    let db = openSound(path, spec);
    let notice: CodedError | null = null;
    if (!db) {
      const movedTo = moveAside(path, nowMs);
      const backup = spec.backedUp ? restoreNewest(path, backups, spec) : null;
      notice = backup
        ? { code: 'DATABASE_RESTORED', params: { name: spec.name, movedTo, backup } }
        : { code: 'DATABASE_CORRUPT', params: { name: spec.name, movedTo } };
      db = openSound(path, spec);
    }
    if (!db) throw new AppError('DATA_DIR_UNWRITABLE', { path });
    migrate(db, spec.name, spec.migrations, (version) => join(backups, `${spec.name}-v${version}.db`));
    if (spec.backedUp) backUpDaily(db, backups, spec.name, nowMs);
    return { db, notice };
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

/** The open database, or null when its content is not to be trusted. */
function openSound(path: string, spec: DatabaseSpec): Database | null {
  const db = new Sqlite(path);
  try {
    // A data folder that the user made may be open to others; its journals take the mode of the database.
    chmodSync(path, 0o600);
    // Refused before anything is written: WAL mode alone would change a newer file.
    if (versionOf(db) > spec.migrations.length) throw new AppError('DATABASE_NEWER', { name: spec.name });
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw Object.assign(new Error(String(found)), { code: 'SQLITE_CORRUPT' });
    // Only a file without tables takes this, and only before WAL mode.
    db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${spec.synchronous}`);
    return db;
  } catch (thrown) {
    db.close();
    const { code } = thrown as { code?: unknown };
    if (typeof code === 'string' && /^SQLITE_(CORRUPT|NOTADB)/.test(code)) return null;
    throw thrown;
  }
}

function moveAside(path: string, nowMs: number): string {
  const movedTo = `${path}.corrupt-${nowMs}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
  }
  return movedTo;
}

/** Puts the newest copy that is sound in place. @returns its file name, or null when there is none. */
function restoreNewest(path: string, backups: string, spec: DatabaseSpec): string | null {
  for (const backup of backupsOf(backups, spec.name).reverse()) {
    copyFileSync(join(backups, backup), path);
    const db = openSound(path, spec);
    if (db) {
      db.close();
      return backup;
    }
    rmSync(path, { force: true });
  }
  return null;
}

function backUpDaily(db: Database, backups: string, name: string, nowMs: number): void {
  const today = join(backups, `${name}-${new Date(nowMs).toISOString().slice(0, 10)}.db`);
  if (!existsSync(today)) copyTo(db, today);
  for (const old of backupsOf(backups, name).slice(0, -BACKUPS_KEPT))
    rmSync(join(backups, old), { force: true });
}

/** Daily copies, oldest first. */
function backupsOf(backups: string, name: string): string[] {
  if (!existsSync(backups)) return [];
  const daily = new RegExp(`^${name}-\\d{4}-\\d{2}-\\d{2}\\.db$`);
  return readdirSync(backups)
    .filter((file) => daily.test(file))
    .sort();
}

import { chmodSync, existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { type Migration, migrate, versionOf } from './migrate.ts';

export interface DatabaseSpec {
  /** "ledger": the file is ledger.db, its copies are backups/ledger-*.db. */
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** FULL syncs every commit; NORMAL may lose the last ones when the power goes, never more. */
  readonly synchronous: 'NORMAL' | 'FULL';
}

export interface OpenedDatabase {
  readonly db: Database;
  readonly notice: CodedError | null;
}

/**
 * Opens a database that may be begun anew. A corrupt one is moved aside, never overwritten.
 * @param wasThere whether the folder remembers one: then its absence is told
 * @throws {AppError} DATABASE_NEWER, or of the disk
 */
export function openDatabase(dataDir: string, spec: DatabaseSpec, wasThere: boolean): OpenedDatabase {
  const path = join(dataDir, `${spec.name}.db`);
  try {
    let notice: CodedError | null = null;
    if (wasThere && isGone(path)) notice = { code: 'DATABASE_LOST', params: { name: spec.name } };
    let db = openSound(path, spec);
    if (!db) {
      notice = { code: 'DATABASE_CORRUPT', params: { name: spec.name, movedTo: moveAside(path) } };
      db = openSound(path, spec);
    }
    if (!db) throw new AppError('DATA_DIR_UNWRITABLE', { path });
    return { db: migrated(db, dataDir, spec), notice };
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

/** Brings it to the newest version, after a copy of what it was. */
export function migrated(db: Database, dataDir: string, { name, migrations }: DatabaseSpec): Database {
  migrate(db, name, migrations, (version) => join(dataDir, 'backups', `${name}-v${version}.db`));
  return db;
}

/** A database that was ever opened here is never empty. */
export const isGone = (path: string): boolean => !existsSync(path) || statSync(path).size === 0;

/** The open database, or null when its content is not to be trusted. */
export function openSound(path: string, spec: DatabaseSpec): Database | null {
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
    if (isCorruption(thrown)) return null;
    throw thrown;
  }
}

export const isCorruption = (thrown: unknown): boolean =>
  /^SQLITE_(CORRUPT|NOTADB)/.test(String((thrown as { code?: unknown }).code));

/** Moves what is there of a database: a journal left behind would be read into the next file of that name. */
export function moveAside(path: string): string {
  let n = 1;
  while (['', '-wal', '-shm'].some((suffix) => existsSync(`${path}.damaged-${n}${suffix}`))) n++;
  const movedTo = `${path}.damaged-${n}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, movedTo + suffix);
  }
  return movedTo;
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { type Migration, versionOf } from './migrate.ts';

export interface ReadDatabase {
  readonly dataDir: string;
  readonly name: 'ledger' | 'telemetry';
  readonly migrations: readonly Migration[];
  /** What a database of before is refused with: only a host leads it on. */
  readonly older: 'LEDGER_OLDER' | 'RUN_LOG_OLDER';
}

/**
 * Opens a database of a data folder for reading alone, in this thread: for a command that prints and ends. A host may be
 * writing it meanwhile.
 * @param read what is made of it; closed again where that throws
 * @returns null where nothing was ever written
 * @throws {AppError} DATABASE_NEWER, what `older` says, or of the disk
 */
export function openForReading<T>(
  { dataDir, name, migrations, older }: ReadDatabase,
  read: (db: Sqlite.Database) => T,
): T | null {
  const path = join(dataDir, `${name}.db`);
  if (!existsSync(path)) return null;
  try {
    const db = new Sqlite(path, { readonly: true });
    try {
      const version = versionOf(db);
      if (version > migrations.length) throw new AppError('DATABASE_NEWER', { name });
      if (version < migrations.length) throw new AppError(older);
      return read(db);
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

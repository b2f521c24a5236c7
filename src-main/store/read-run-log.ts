import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { RunLogRow } from '../../src-shared/run-logs/row.ts';
import { MAX_LISTED } from './limits.ts';
import { versionOf } from './migrate.ts';
import { type LoggedRun, type LogRowsQuery, openRunLogReads } from './run-log.ts';
import { telemetryMigrations } from './telemetry-schema.ts';

/** What runs of a data folder went through, as a reader sees it: a host may be writing it meanwhile. */
export interface ReadRunLog {
  /** The newest first. */
  runs(): readonly LoggedRun[];
  rows(query: LogRowsQuery): readonly RunLogRow[];
  close(): void;
}

/**
 * Opens it for reading alone, in this thread: for a command that prints and ends.
 * @returns null where nothing was ever written
 * @throws {AppError} DATABASE_NEWER, RUN_LOG_OLDER, or of the disk
 */
export function readRunLog(dataDir: string): ReadRunLog | null {
  const path = join(dataDir, 'telemetry.db');
  if (!existsSync(path)) return null;
  try {
    const db = new Sqlite(path, { readonly: true });
    try {
      const version = versionOf(db);
      if (version > telemetryMigrations.length) throw new AppError('DATABASE_NEWER', { name: 'telemetry' });
      if (version < telemetryMigrations.length) throw new AppError('RUN_LOG_OLDER');
      const log = openRunLogReads(db);
      return {
        runs: () => log.loggedRuns({ limit: MAX_LISTED }),
        rows: (query) => log.logRows(query),
        close: () => void db.close(),
      };
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

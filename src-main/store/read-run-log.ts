import type { RunLogRow } from '../../src-shared/run-logs/row.ts';
import { MAX_LISTED } from './limits.ts';
import { openForReading } from './open-for-reading.ts';
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
 * @returns null where nothing was ever written
 * @throws {AppError} DATABASE_NEWER, RUN_LOG_OLDER, or of the disk
 */
export const readRunLog = (dataDir: string): ReadRunLog | null =>
  openForReading(
    { dataDir, name: 'telemetry', migrations: telemetryMigrations, older: 'RUN_LOG_OLDER' },
    (db): ReadRunLog => {
      const log = openRunLogReads(db);
      return {
        runs: () => log.loggedRuns({ limit: MAX_LISTED }),
        rows: (query) => log.logRows(query),
        close: () => void db.close(),
      };
    },
  );

import { LOG_ROWS_AT_ONCE, type RunLogRow } from '../../src-shared/run-logs/row.ts';
import type { Ask } from './hotkey-ledger.ts';
import { MAX_LISTED } from './limits.ts';
import type { LogCursor, LoggedRun } from './run-log.ts';

/** The rows of runs in the order in which they came, and how far each target has told them. */
export interface RunLogStore {
  /** The next rows behind that number, `LOG_ROWS_AT_ONCE` at most, oldest first; -1: from the first. */
  rows(runId: number, afterSeq: number, limit: number): Promise<readonly RunLogRow[]>;
  /** How many rows stand behind that number. */
  pending(runId: number, afterSeq: number): Promise<number>;
  /** null: nothing was ever told there. */
  cursor(runId: number, target: string): Promise<LogCursor | null>;
  keepCursor(runId: number, target: string, cursor: LogCursor): Promise<void>;
  /** The newest first. */
  runs(): Promise<readonly LoggedRun[]>;
}

export const runLogStore = (ask: Ask): RunLogStore => ({
  rows: (runId, afterSeq, limit) =>
    ask('logRows', { runId, afterSeq, limit: Math.min(limit, LOG_ROWS_AT_ONCE) }),
  pending: (runId, afterSeq) => ask('logRowsAfter', { runId, afterSeq }),
  cursor: (runId, target) => ask('logCursor', { runId, target }),
  keepCursor: (runId, target, cursor) => ask('keepLogCursor', { runId, target, ...cursor }),
  runs: () => ask('loggedRuns', { limit: MAX_LISTED }),
});

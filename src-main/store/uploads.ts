import type { Database } from 'better-sqlite3';
import type { UploadRow } from './rows.ts';

/** What was published inside the store's thread. */
export interface Uploads {
  uploads(query: { readonly sinceMs: number; readonly limit: number }): {
    /** The newest, newest first. */
    readonly newest: readonly UploadRow[];
    /** What all of them sent from that moment on. */
    readonly sentBytes: number;
  };
}

export function openUploads(db: Database): Uploads {
  const newest = db.prepare(
    `SELECT run_id AS runId, tag, place, kind, round, t AS atMs, sent_bytes AS sentBytes, found_bytes AS foundBytes,
       duration_ms AS durationMs, code, params_json AS paramsJson FROM upload ORDER BY t DESC LIMIT @limit`,
  );
  const sent = db.prepare('SELECT coalesce(sum(sent_bytes), 0) FROM upload WHERE t >= @sinceMs').pluck();
  return {
    uploads: ({ sinceMs, limit }) => ({
      newest: newest.all({ limit }) as UploadRow[],
      sentBytes: sent.get({ sinceMs }) as number,
    }),
  };
}

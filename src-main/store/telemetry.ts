import type { Database } from 'better-sqlite3';
import {
  type RoundFilter,
  roundFilters,
  type SeriesName,
  type SeriesPoint,
} from '../../src-shared/contract/page/runs.ts';
import type { LastCheck } from '../../src-shared/contract/page/validation.ts';
import { readWhy } from '../../src-shared/scoring/why.ts';
import { CARD_DAYS, STEP_DAYS } from './limits.ts';
import type { BaseRow, BatchedRow, BatchedTable, EventRow, KeptEvidence, RoundRow, RunKey } from './rows.ts';
import { isNumbered, numberedInserts, openRunLog, type RunLog } from './run-log.ts';
import { openScoreHistory, type ScoreHistory } from './score-history.ts';
import { subnetInserts } from './subnet-history.ts';
import { openUploads, type Uploads } from './uploads.ts';

/** telemetry.db inside the store's thread. */
export interface Telemetry extends Omit<RunLog, 'number'>, Uploads, ScoreHistory {
  startRun(run: RunKey): number;
  /** Writes all rows in one transaction. @returns how many did not fit their table and were left out. */
  write(rows: readonly BatchedRow[]): number;
  series(query: SeriesQuery): SeriesPoint[];
  rounds(query: { readonly runId: number; readonly limit: number }): RoundRow[];
  /** Rounds before one, newest first, of those that pass the filter. */
  roundsBefore(query: RoundsBefore): RoundRow[];
  /** What is known of the bases that rounds left, the newest first: those with a loss or a digest. */
  bases(query: { readonly runId: number; readonly limit: number }): BaseRow[];
  continuesAt(query: { readonly profileHash: string; readonly hotkey: string }): number | null;
  evidence(query: EvidenceQuery): KeptEvidence[];
  /** The newest round, of the last ones, in which each hotkey's gradient was computed again. */
  lastChecks(query: { readonly runId: number; readonly rounds: number }): LastCheck[];
  /** What was told from then on, of the newest `limit` of all that was, newest first. */
  events(query: { readonly sinceMs: number; readonly limit: number }): EventRow[];
  /** What takes a look at each row of a table; for the beginning, when nobody waits. The rest: prune.ts. */
  prune(nowMs: number): void;
}

export interface RoundsBefore {
  readonly runId: number;
  /** null: from the newest on. */
  readonly before: number | null;
  readonly filter: RoundFilter;
  readonly limit: number;
}

export interface EvidenceQuery {
  readonly runId: number;
  readonly hotkey: string;
  readonly limit: number;
}

export interface SeriesQuery {
  readonly runId: number;
  readonly name: SeriesName;
  /** At most this many points; buckets of equal time. */
  readonly points: number;
}

const inserts: Readonly<Record<BatchedTable, string>> = {
  ...numberedInserts,
  evidence: `INSERT OR REPLACE INTO evidence(run_id, round, validator, hotkey, t, term, value, why, detail_json)
    VALUES (@runId, @round, @validator, @hotkey, @atMs, @term, @value, @why, @detailJson)`,
  upload: `INSERT OR REPLACE INTO upload(run_id, tag, place, kind, round, t, sent_bytes, found_bytes, duration_ms, code,
    params_json) VALUES (@runId, @tag, @place, @kind, @round, @atMs, @sentBytes, @foundBytes, @durationMs, @code,
    @paramsJson)`,
  peer: `INSERT INTO peer VALUES (@peerId, @hotkey, @uid, @address, @seenMs, @seenMs)
    ON CONFLICT(peer_id) DO UPDATE SET hotkey = @hotkey, uid = @uid, address = coalesce(@address, address),
    last_seen = max(last_seen, @seenMs)`,
  event: `INSERT INTO event(t, level, source, code, detail_json)
    VALUES (@atMs, @level, @source, @code, @detailJson)`,
  ...subnetInserts,
};

/** What a round has to be to pass a filter. */
const passes: Readonly<Record<RoundFilter, string>> = {
  all: 'true',
  committed: "outcome = 'committed'",
  void: "outcome = 'void'",
  skipped: "outcome = 'skipped'",
  'without-me': "outcome = 'committed' AND contributed = 0",
};

// The base that all began with is no round.
const roundsBeforeSql = (filter: RoundFilter): string =>
  `SELECT * FROM round WHERE run_id = @runId AND round >= 0 AND (@before IS NULL OR round < @before)
   AND ${passes[filter]} ORDER BY round DESC LIMIT @limit`;

/** What a bucket of steps says. The rate is tokens over time spent, not the mean of the steps' rates. */
const bucketValue: Readonly<Record<SeriesName, string>> = {
  loss: 'avg(loss)',
  tokensPerSecond: 'sum(tokens) * 1000.0 / nullif(sum(step_ms), 0)',
};

// Numbers of JavaScript are bound as REAL: without the CAST this were a division of floats and no buckets at all.
const seriesSql = (name: SeriesName): string => `
  WITH span AS (SELECT min(t) AS low, max(t) - min(t) + 1 AS length FROM step WHERE run_id = @runId)
  SELECT CAST(avg(t) AS INTEGER) AS t, ${bucketValue[name]} AS v FROM step, span WHERE run_id = @runId
  GROUP BY (t - low) * CAST(@points AS INTEGER) / length HAVING v IS NOT NULL ORDER BY 1`;

export function openTelemetry(db: Database): Telemetry {
  const insert = Object.fromEntries(
    Object.entries(inserts).map(([table, sql]) => [table, db.prepare(sql)]),
  ) as Record<BatchedTable, ReturnType<Database['prepare']>>;
  const series = {
    loss: db.prepare(seriesSql('loss')),
    tokensPerSecond: db.prepare(seriesSql('tokensPerSecond')),
  };
  const startRun = db.prepare(
    `INSERT INTO run(profile, profile_hash, netuid, hotkey, coldkey, role, started, resumed, app_version)
     VALUES (@profile, @profileHash, @netuid, @hotkey, @coldkey, @role, @startedMs, @startedMs, @appVersion)
     ON CONFLICT(profile_hash, hotkey) DO UPDATE SET resumed = @startedMs, role = @role, app_version = @appVersion
     RETURNING id`,
  );
  const rounds = db.prepare('SELECT * FROM round WHERE run_id = @runId ORDER BY round DESC LIMIT @limit');
  const roundsBefore = Object.fromEntries(
    roundFilters.map((filter) => [filter, db.prepare(roundsBeforeSql(filter))]),
  ) as Record<RoundFilter, ReturnType<Database['prepare']>>;
  const bases = db.prepare(
    `SELECT round, held_out_loss AS heldOutLoss, digest FROM round
     WHERE run_id = @runId AND (held_out_loss IS NOT NULL OR digest IS NOT NULL) ORDER BY round DESC LIMIT @limit`,
  );
  const newestRound = db
    .prepare(
      'SELECT max(round) + 1 FROM round JOIN run ON run.id = run_id WHERE profile_hash = @profileHash AND hotkey = @hotkey AND round >= 0',
    )
    .pluck();
  const evidence = db.prepare(
    'SELECT t AS atMs, round, term, value, why, detail_json AS detailJson FROM evidence WHERE hotkey = @hotkey AND run_id = @runId ORDER BY t DESC, id DESC LIMIT @limit',
  );
  // Beside max() SQLite takes the other columns from its row. Absent for long counts 0 too, and nothing was looked at;
  // rows of old hold a sentence in place of a code.
  const lastChecks = db.prepare(
    `SELECT hotkey, max(round) AS round, t AS atMs FROM evidence WHERE run_id = @runId AND term = 'gradient'
     AND round > (SELECT max(round) FROM evidence WHERE run_id = @runId) - @rounds
     AND (why LIKE '%"recomputed-%' OR why LIKE '%"work-%' OR why LIKE '%"sketches-%')
     GROUP BY hotkey ORDER BY hotkey`,
  );
  const events = db.prepare(
    `SELECT t AS atMs, level, source, code, detail_json AS detailJson
     FROM (SELECT * FROM event ORDER BY id DESC LIMIT @limit) WHERE t >= @sinceMs ORDER BY id DESC`,
  );
  const { number, ...log } = openRunLog(db);
  const writeAll = db.transaction((rows: readonly BatchedRow[]) => {
    for (const { table, row } of rows) {
      const bound = bindable(row);
      insert[table].run(bound);
      if (isNumbered(table)) number(table, bound);
    }
  });

  return {
    startRun: (run) => (startRun.get(run) as { id: number }).id,
    write(rows) {
      try {
        writeAll.immediate(rows);
        return 0;
      } catch (thrown) {
        // One row that breaks a rule of its table must not take the others with it.
        if (!isConstraint(thrown)) throw thrown;
        return writeEach(rows);
      }
    },
    series: ({ runId, name, points }) => series[name].all({ runId, points }) as SeriesPoint[],
    rounds: (query) => rounds.all(query).map((row) => roundOf(row as RoundRecord)),
    roundsBefore: ({ filter, ...query }) =>
      roundsBefore[filter].all(query).map((row) => roundOf(row as RoundRecord)),
    bases: (query) => bases.all(query) as BaseRow[],
    continuesAt: (query) => (newestRound.get(query) as number | null) ?? null,
    evidence: (query) =>
      (evidence.all(query) as EvidenceRecord[]).map((row) => ({ ...row, why: readWhy(row.why) })),
    lastChecks: (query) => lastChecks.all(query) as LastCheck[],
    events: (query) => events.all(query) as EventRow[],
    prune: (nowMs) => prune(db, nowMs),
    ...openUploads(db),
    ...openScoreHistory(db),
    ...log,
  };

  function writeEach(rows: readonly BatchedRow[]): number {
    let left = 0;
    for (const row of rows) {
      try {
        writeAll.immediate([row]);
      } catch (thrown) {
        if (!isConstraint(thrown)) throw thrown;
        left++;
      }
    }
    return left;
  }
}

const isConstraint = (thrown: unknown): boolean =>
  String((thrown as { code?: unknown }).code).startsWith('SQLITE_CONSTRAINT');

/**
 * SQLite knows neither booleans nor numbers that are none: a loss that diverged is unknown, not zero. What has fields
 * of its own is written as JSON.
 */
function bindable(row: object): Record<string, unknown> {
  const bound: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'boolean') bound[name] = value ? 1 : 0;
    else if (typeof value === 'number' && !Number.isFinite(value)) bound[name] = null;
    else bound[name] = typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  }
  return bound;
}

type EvidenceRecord = Omit<KeptEvidence, 'why'> & { readonly why: string };

interface RoundRecord {
  readonly run_id: number;
  readonly round: number;
  readonly started: number;
  readonly ended: number | null;
  readonly outcome: RoundRow['outcome'];
  readonly members: number;
  readonly contributed: number;
  readonly bytes_tx: number;
  readonly bytes_rx: number;
  readonly duration_ms: number | null;
  readonly held_out_loss: number | null;
  readonly digest: RoundRow['digest'];
  readonly reason: string | null;
  readonly edges_json: string;
  readonly group_json: string | null;
}

const roundOf = (record: RoundRecord): RoundRow => ({
  runId: record.run_id,
  round: record.round,
  startedMs: record.started,
  endedMs: record.ended,
  outcome: record.outcome,
  members: record.members,
  contributed: record.contributed === 1,
  bytesSent: record.bytes_tx,
  bytesReceived: record.bytes_rx,
  durationMs: record.duration_ms,
  heldOutLoss: record.held_out_loss,
  digest: record.digest,
  reason: record.reason,
  edgesJson: record.edges_json,
  groupJson: record.group_json,
});

function prune(db: Database, nowMs: number): void {
  db.prepare('DELETE FROM step WHERE t < ? AND step % 10 <> 0').run(nowMs - STEP_DAYS * 86_400_000);
  db.prepare('DELETE FROM card WHERE t < ?').run(nowMs - CARD_DAYS * 86_400_000);
  db.pragma('incremental_vacuum');
}

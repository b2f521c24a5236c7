import type { Database } from 'better-sqlite3';
import type { RunLogRow } from '../../src-shared/run-logs/row.ts';

/**
 * The rows of a run in the order in which they came, for whoever tells them on: an exporter reads from its cursor, so
 * nothing is lost while it is away. A number is given in the transaction that writes the row.
 */
export interface RunLog {
  /** Gives a row that was just written its number, where it has none. */
  number(table: NumberedTable, row: Readonly<Record<string, unknown>>): void;
  /** The next rows behind that number, oldest first; -1: from the first. */
  logRows(query: LogRowsQuery): RunLogRow[];
  /** How many rows stand behind that number. */
  logRowsAfter(query: Pick<LogRowsQuery, 'runId' | 'afterSeq'>): number;
  /** How far a target had told the rows of a run; null: never. */
  logCursor(query: { readonly runId: number; readonly target: string }): LogCursor | null;
  keepLogCursor(kept: LogCursor & { readonly runId: number; readonly target: string }): void;
  /** Runs that were ever entered, the newest first. */
  loggedRuns(query: { readonly limit: number }): LoggedRun[];
}

export interface LogRowsQuery {
  readonly runId: number;
  readonly afterSeq: number;
  readonly limit: number;
}

export interface LogCursor {
  readonly seq: number;
  /** When that was known. */
  readonly atMs: number;
}

export interface LoggedRun {
  readonly runId: number;
  readonly profile: string;
  readonly profileHash: string;
  readonly netuid: number;
  readonly hotkey: string;
  readonly role: 'miner' | 'validator';
  readonly startedMs: number;
}

const numbered = ['step', 'round', 'score', 'standing', 'card'] as const;
export type NumberedTable = (typeof numbered)[number];
export const isNumbered = (table: string): table is NumberedTable =>
  (numbered as readonly string[]).includes(table);

/**
 * A step that is taken again after a crash, and a round whose held-out loss is known later, keep the number of their
 * first writing. A score is what somebody said at a time: said again, it is another.
 */
export const numberedInserts: Readonly<Record<NumberedTable, string>> = {
  step: `INSERT INTO step(run_id, step, round, inner_step, t, loss, lr, grad_norm_milli, tokens, step_ms) VALUES
    (@runId, @step, @round, @innerStep, @atMs, @loss, @lr, CAST(@gradNorm * 1000 AS INTEGER), @tokens, @stepMs)
    ON CONFLICT DO UPDATE SET round = excluded.round, inner_step = excluded.inner_step, t = excluded.t,
    loss = excluded.loss, lr = excluded.lr, grad_norm_milli = excluded.grad_norm_milli, tokens = excluded.tokens, step_ms = excluded.step_ms`,
  round: `INSERT INTO round(run_id, round, started, ended, outcome, members, contributed, bytes_tx, bytes_rx,
    duration_ms, held_out_loss, digest, reason, edges_json, group_json) VALUES (@runId, @round, @startedMs, @endedMs, @outcome,
    @members, @contributed, @bytesSent, @bytesReceived, @durationMs, @heldOutLoss, @digest, @reason, @edgesJson, @groupJson)
    ON CONFLICT DO UPDATE SET started = excluded.started, ended = excluded.ended, outcome = excluded.outcome,
    members = excluded.members, contributed = excluded.contributed, bytes_tx = excluded.bytes_tx,
    bytes_rx = excluded.bytes_rx, duration_ms = excluded.duration_ms, held_out_loss = excluded.held_out_loss,
    digest = excluded.digest, reason = excluded.reason, edges_json = excluded.edges_json,
    group_json = excluded.group_json`,
  score: `INSERT INTO score(run_id, round, validator, hotkey, uid, t, total, average, weight) VALUES
    (@runId, @round, @validator, @hotkey, @uid, @atMs, @total, @average, @weight)
    ON CONFLICT DO UPDATE SET seq = CASE WHEN t = excluded.t THEN seq ELSE NULL END, uid = excluded.uid,
    t = excluded.t, total = excluded.total, average = excluded.average, weight = excluded.weight`,
  standing: `INSERT INTO standing(run_id, round, t, block, stake_alpha, incentive, dividends, consensus, trust,
    emission_alpha) VALUES (@runId, @round, @atMs, @block, @stakeAlpha, @incentive, @dividends, @consensus, @trust,
    @emissionAlpha) ON CONFLICT DO NOTHING`,
  card: `INSERT INTO card(run_id, t, card, step, busy, celsius, watts, used_bytes, memory_bytes) VALUES
    (@runId, @atMs, @card, @step, @busy, @celsius, @watts, @usedBytes, @memoryBytes) ON CONFLICT DO NOTHING`,
};

const numbering: Readonly<Record<NumberedTable, readonly string[]>> = {
  step: ['UPDATE step SET seq = @next WHERE run_id = @runId AND step = @step AND seq IS NULL'],
  // The base that all began with is no round: only its loss is told.
  round: [
    'UPDATE round SET seq = @next WHERE run_id = @runId AND round = @round AND round >= 0 AND seq IS NULL',
    `UPDATE round SET held_out_seq = @next
     WHERE run_id = @runId AND round = @round AND held_out_loss IS NOT NULL AND held_out_seq IS NULL`,
  ],
  score: [
    `UPDATE score SET seq = @next
     WHERE run_id = @runId AND round = @round AND validator = @validator AND hotkey = @hotkey AND seq IS NULL`,
  ],
  standing: ['UPDATE standing SET seq = @next WHERE run_id = @runId AND round = @round AND seq IS NULL'],
  card: ['UPDATE card SET seq = @next WHERE run_id = @runId AND t = @atMs AND card = @card AND seq IS NULL'],
};

/** Columns under the names of a told row, by the column that numbers them. */
const reads = [
  {
    table: 'step',
    seq: 'seq',
    columns: `'step' AS kind, t AS atMs, round, step, inner_step AS innerStep, loss, lr, grad_norm_milli / 1000.0 AS gradNorm, tokens,
      step_ms AS stepMs`,
  },
  {
    table: 'round',
    seq: 'seq',
    columns: `'round' AS kind, coalesce(ended, started) AS atMs, round, outcome, members, contributed,
      bytes_tx AS bytesSent, bytes_rx AS bytesReceived, duration_ms AS durationMs`,
  },
  {
    table: 'round',
    seq: 'held_out_seq',
    columns: `'held-out' AS kind, coalesce(ended, started) AS atMs, round, held_out_loss AS loss`,
  },
  {
    table: 'score',
    seq: 'seq',
    columns: `'score' AS kind, t AS atMs, round, validator, hotkey, uid, total, average, weight`,
  },
  {
    table: 'standing',
    seq: 'seq',
    // For charts: a float of alpha, not an amount that anybody counts with.
    columns: `'standing' AS kind, t AS atMs, round, block, stake_alpha / 1e9 AS stakeAlpha, incentive, dividends,
      consensus, trust, emission_alpha / 1e9 AS emissionAlpha`,
  },
  {
    table: 'card',
    seq: 'seq',
    columns: `'card' AS kind, t AS atMs, card, step, busy, celsius, watts, used_bytes AS usedBytes,
      memory_bytes AS memoryBytes`,
  },
] as const;

export function openRunLog(db: Database): RunLog {
  const next = db.prepare('SELECT log_seq FROM run WHERE id = @runId').pluck();
  const advance = db.prepare('UPDATE run SET log_seq = log_seq + 1 WHERE id = @runId');
  const numbers = Object.fromEntries(
    Object.entries(numbering).map(([table, all]) => [table, all.map((sql) => db.prepare(sql))]),
  ) as Record<NumberedTable, ReturnType<Database['prepare']>[]>;
  return {
    number(table, row) {
      for (const statement of numbers[table]) {
        const seq = next.get(row);
        // A run that nobody entered has no log.
        if (seq === undefined) return;
        if (statement.run({ ...row, next: seq }).changes > 0) advance.run(row);
      }
    },
    ...openRunLogReads(db),
  };
}

/** What is read of it, for one that only reads too. */
export function openRunLogReads(db: Database): Omit<RunLog, 'number'> {
  const rows = reads.map(({ table, seq, columns }) =>
    db.prepare(
      `SELECT ${seq} AS seq, ${columns} FROM ${table}
       WHERE run_id = @runId AND ${seq} > @afterSeq ORDER BY ${seq} LIMIT @limit`,
    ),
  );
  const counts = reads.map(({ table, seq }) =>
    db.prepare(`SELECT count(*) FROM ${table} WHERE run_id = @runId AND ${seq} > @afterSeq`).pluck(),
  );
  const cursor = db.prepare(
    'SELECT seq, t AS atMs FROM log_cursor WHERE run_id = @runId AND target = @target',
  );
  const runs = db.prepare(
    `SELECT id AS runId, profile, profile_hash AS profileHash, netuid, hotkey, role, started AS startedMs FROM run
     ORDER BY resumed DESC, id DESC LIMIT @limit`,
  );
  return {
    logRows: (query) =>
      rows
        .flatMap((statement) => statement.all(query) as ToldRecord[])
        .sort((a, b) => a.seq - b.seq)
        .slice(0, query.limit)
        .map(rowOf),
    logRowsAfter: (query) => counts.reduce((sum, statement) => sum + (statement.get(query) as number), 0),
    logCursor: (query) => (cursor.get(query) as LogCursor | undefined) ?? null,
    // Prepared when it is called: a database that is only read refuses it, and nobody there calls it.
    keepLogCursor: (kept) =>
      void db
        .prepare(
          'INSERT OR REPLACE INTO log_cursor(run_id, target, seq, t) VALUES (@runId, @target, @seq, @atMs)',
        )
        .run(kept),
    loggedRuns: (query) => runs.all(query) as LoggedRun[],
  };
}

type ToldRecord = { readonly seq: number; readonly kind: RunLogRow['kind']; readonly contributed?: 0 | 1 };

const rowOf = (record: ToldRecord): RunLogRow =>
  (record.kind === 'round'
    ? { ...record, contributed: record.contributed === 1 }
    : record) as unknown as RunLogRow;

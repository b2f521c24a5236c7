import type { Database } from 'better-sqlite3';
import { readWhy } from '../../src-shared/scoring/why.ts';
import type { RoundRate, SaidEvidence, SaidHistory, SaidScore } from '../../src-shared/scoring/why-less.ts';
import { SAID_ROUNDS } from './limits.ts';

/** Rounds by one validator that are set side by side. */
const COMPARED_ROUNDS = 2;

export interface SaidQuery {
  readonly runId: number;
  readonly hotkey: string;
  readonly limit: number;
}

export interface ScoreHistory {
  /** What validators said last of a hotkey, and how fast it worked. */
  saidHistory(query: SaidQuery): SaidHistory;
}

// Words older than `SAID_ROUNDS` rounds of our own are no news.
const NEWEST = `SELECT validator, round, t AS atMs, total, average, weight,
    row_number() OVER (PARTITION BY validator ORDER BY round DESC) AS place
  FROM score WHERE run_id = @runId AND hotkey = @hotkey
    AND round > coalesce((SELECT max(round) FROM round WHERE run_id = @runId), 0) - ${SAID_ROUNDS}`;

export function openScoreHistory(db: Database): ScoreHistory {
  const scores = db.prepare(
    `SELECT validator, round, atMs, total, average, weight FROM (${NEWEST})
     WHERE place <= ${COMPARED_ROUNDS} ORDER BY validator, round DESC LIMIT @limit`,
  );
  const evidence = db.prepare(
    `SELECT e.validator, e.t AS atMs, e.round, e.term, e.value, e.why FROM evidence e
     JOIN (SELECT validator, round FROM (${NEWEST}) WHERE place <= ${COMPARED_ROUNDS}) n
       ON n.validator = e.validator AND n.round = e.round
     WHERE e.run_id = @runId AND e.hotkey = @hotkey ORDER BY e.id DESC LIMIT @limit`,
  );
  const rates = db.prepare(
    `SELECT round, sum(tokens) * 1000.0 / sum(step_ms) AS tokensPerSecond FROM step
     WHERE run_id = @runId AND round IS NOT NULL AND step > (SELECT max(step) FROM step WHERE run_id = @runId) - @steps
     GROUP BY round HAVING sum(step_ms) > 0 ORDER BY round DESC LIMIT @limit`,
  );
  return {
    saidHistory: ({ runId, hotkey, limit }) => ({
      scores: scores.all({ runId, hotkey, limit }) as SaidScore[],
      evidence: (
        evidence.all({ runId, hotkey, limit }) as (Omit<SaidEvidence, 'why'> & { why: string })[]
      ).map((row) => ({ ...row, why: readWhy(row.why) })),
      rates: rates.all({ runId, steps: RATED_STEPS, limit }) as RoundRate[],
    }),
  };
}

/** Steps that are looked at for rates: some rounds of the longest, and no more than a moment of the disk. */
const RATED_STEPS = 4_000;

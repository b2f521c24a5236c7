import type { Database } from 'better-sqlite3';
import {
  EVENT_ROWS,
  EVIDENCE_ROWS,
  PRUNE_EVERY_MS,
  PRUNED_AT_ONCE,
  SAID_ROUNDS,
  SCORE_DAYS,
} from './limits.ts';

/** Takes what nobody needs any more out of telemetry.db, a piece at a time, so that questions go between. */
export interface Pruning {
  /** All that is to go at that moment; each step deletes `PRUNED_AT_ONCE` rows at most. */
  pieces(nowMs: number): Iterator<void>;
}

/** Rounds that one step looks through: the own scores of them stay and are passed over. */
const LOOKED_THROUGH = 256;

export function openPruning(db: Database): Pruning {
  const beyondNewest = (table: string, keep: number) =>
    db.prepare(`DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table}
      WHERE id <= (SELECT max(id) FROM ${table}) - ${keep} ORDER BY id LIMIT ${PRUNED_AT_ONCE})`);
  const numbered = [beyondNewest('event', EVENT_ROWS), beyondNewest('evidence', EVIDENCE_ROWS)];
  const scores = openScorePruning(db);
  return {
    *pieces(nowMs) {
      for (const table of numbered) while (table.run().changes === PRUNED_AT_ONCE) yield;
      yield* scores(nowMs);
    },
  };
}

interface PrunedRun {
  readonly id: number;
  readonly hotkey: string;
  /** Rounds before this one are no news to anybody who asks what was said of a hotkey; null before the first. */
  readonly until: number | null;
  readonly first: number | null;
}

/**
 * What validators said of others than the run's own hotkey, once it is old by time and by rounds: of a full subnet these
 * are some 20,000 rows a day. The own ones are the curve that its owner looks at, and few.
 */
function openScorePruning(db: Database): (nowMs: number) => Generator<void> {
  const runs = db.prepare(
    `SELECT id, hotkey, (SELECT max(round) FROM round WHERE run_id = run.id) - ${SAID_ROUNDS} + 1 AS until,
       (SELECT min(round) FROM score WHERE run_id = run.id) AS first FROM run`,
  );
  const ofOthers = `FROM score WHERE run_id = @id AND round >= @from AND round < @to AND hotkey <> @hotkey`;
  const remove = db.prepare(
    `DELETE FROM score WHERE run_id = @id AND (round, validator, hotkey) IN
       (SELECT round, validator, hotkey ${ofOthers} AND t < @before LIMIT ${PRUNED_AT_ONCE})`,
  );
  const isOneLeft = db.prepare(`SELECT EXISTS (SELECT 1 ${ofOthers})`).pluck();
  /** Of each run the first round that may hold any of them. */
  const begun = new Map<number, number>();
  return function* pieces(nowMs) {
    const before = nowMs - SCORE_DAYS * 86_400_000;
    for (const { id, hotkey, until, first } of runs.all() as PrunedRun[]) {
      if (until === null) continue;
      let from = begun.get(id) ?? first ?? until;
      while (from < until) {
        const to = Math.min(from + LOOKED_THROUGH, until);
        const these = { id, hotkey, from, to };
        const { changes } = remove.run({ ...these, before });
        yield;
        if (changes === PRUNED_AT_ONCE) continue;
        if (isOneLeft.get(these)) break;
        from = to;
        begun.set(id, from);
      }
    }
  };
}

/** Prunes now and every `PRUNE_EVERY_MS`, between other work of this thread. @returns to be called before the file closes */
export function keepPruned({ pieces }: Pruning, nowMs: () => number): () => void {
  let next: NodeJS.Immediate | undefined;
  const begin = () => {
    const left = pieces(nowMs());
    const step = () => {
      try {
        if (!left.next().done) next = setImmediate(step);
      } catch (thrown) {
        // A disk that takes nothing: the next time it may.
        console.error('pruning failed', thrown);
      }
    };
    clearImmediate(next);
    next = setImmediate(step);
  };
  begin();
  const timer = setInterval(begin, PRUNE_EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    clearImmediate(next);
  };
}

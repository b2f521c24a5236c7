import type { Database } from 'better-sqlite3';
import type { WorthRow } from './rows.ts';

/** Daily totals of accounts inside the store's thread: a later look of the same UTC day takes the place of the earlier. */
export interface Worth {
  noteWorth(query: { readonly chain: string; readonly row: WorthRow }): void;
  /** Oldest first, from the day of that moment on. */
  worthSince(query: {
    readonly chain: string;
    readonly coldkey: string;
    readonly sinceMs: number;
  }): WorthRow[];
}

const DAY_MS = 86_400_000;
const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);

export function openWorth(db: Database): Worth {
  const note = db.prepare(
    `INSERT INTO worth_day VALUES (@chain, @coldkey, @day, @atMs, @block, @totalRao, @freeRao)
     ON CONFLICT(chain, coldkey, day) DO UPDATE
       SET t = @atMs, block = @block, total_rao = @totalRao, free_rao = @freeRao WHERE t <= @atMs`,
  );
  const since = db
    .prepare(
      `SELECT coldkey, t AS atMs, block, total_rao AS totalRao, free_rao AS freeRao FROM worth_day
       WHERE chain = @chain AND coldkey = @coldkey AND day >= @day ORDER BY day`,
    )
    .safeIntegers(true);
  return {
    noteWorth: ({ chain, row }) => void note.run({ ...row, chain, day: dayOf(row.atMs) }),
    worthSince: ({ chain, coldkey, sinceMs }) =>
      (since.all({ chain, coldkey, day: dayOf(sinceMs) }) as Exact[]).map((row) => ({
        ...row,
        atMs: Number(row.atMs),
        block: Number(row.block),
      })),
  };
}

type Exact = Omit<WorthRow, 'atMs' | 'block'> & { readonly atMs: bigint; readonly block: bigint };

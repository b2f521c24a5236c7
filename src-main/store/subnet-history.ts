import type { Database } from 'better-sqlite3';
import { SUBNET_DAYS, SUBNET_MOVES_READ } from './limits.ts';
import type { BatchedRows, EpochReturnRow, StakeMoveRow, SubnetPointRow } from './rows.ts';

/** What was seen of subnets over time, in telemetry.db inside the store's thread. Amounts are bigint. */
export interface SubnetHistory {
  /** At most so many, the last of each stretch of time, the oldest first. */
  subnetPoints(query: SubnetPointsQuery): SubnetPointRow[];
  /** The newest first. */
  stakeMoves(query: OfSubnet): StakeMoveRow[];
  /** The oldest first. */
  epochReturns(query: OfSubnet): EpochReturnRow[];
  /** The block from which on this owner was seen, without another one after it. */
  ownerSince(query: { readonly chain: string; readonly coldkey: string }): number | null;
  pruneSubnets(nowMs: number): void;
}

export interface OfSubnet {
  /** Genesis and subnet in one word. */
  readonly chain: string;
  readonly sinceMs: number;
}
export interface SubnetPointsQuery extends OfSubnet {
  readonly points: number;
}

export const subnetInserts: Readonly<
  Record<Extract<keyof BatchedRows, 'subnetPoint' | 'stakeMove' | 'epochReturn' | 'subnetOwner'>, string>
> = {
  subnetPoint: `INSERT OR IGNORE INTO subnet_point VALUES (@chain, @block, @atMs, @priceRao, @taoIn, @taoInEmission,
    @burnRao, @volumeRao, @miners, @validators)`,
  stakeMove: 'INSERT OR IGNORE INTO stake_move VALUES (@chain, @block, @hotkey, @coldkey, @atMs, @alpha)',
  epochReturn:
    'INSERT OR IGNORE INTO epoch_return VALUES (@chain, @block, @hotkey, @atMs, @dividends, @stake, @take)',
  subnetOwner: 'INSERT OR IGNORE INTO subnet_owner VALUES (@chain, @block, @atMs, @coldkey)',
};

export function openSubnetHistory(db: Database): SubnetHistory {
  const exact = (sql: string) => db.prepare(sql).safeIntegers(true);
  // With max() SQLite takes the other columns from the row that has it.
  const points = exact(
    `WITH span AS (SELECT min(t) AS low, max(t) - min(t) + 1 AS length FROM subnet_point
       WHERE chain = @chain AND t >= @sinceMs)
     SELECT chain, block, max(t) AS atMs, price_rao AS priceRao, tao_in AS taoIn,
       tao_in_emission AS taoInEmission, burn_rao AS burnRao, volume_rao AS volumeRao, miners, validators
     FROM subnet_point, span WHERE chain = @chain AND t >= @sinceMs
     GROUP BY (t - low) * CAST(@points AS INTEGER) / length ORDER BY 3`,
  );
  const moves = exact(
    `SELECT chain, block, hotkey, coldkey, t AS atMs, alpha FROM stake_move
     WHERE chain = @chain AND t >= @sinceMs ORDER BY block DESC LIMIT ${SUBNET_MOVES_READ}`,
  );
  const returns = exact(
    `SELECT chain, block, hotkey, t AS atMs, dividends, stake, take FROM epoch_return
     WHERE chain = @chain AND t >= @sinceMs ORDER BY block`,
  );
  const lastOwner = db.prepare(
    'SELECT block, coldkey FROM subnet_owner WHERE chain = @chain ORDER BY block DESC LIMIT 1',
  );
  return {
    subnetPoints: (query) => points.all(query).map((row) => plain(row) as SubnetPointRow),
    stakeMoves: (query) => moves.all(query).map((row) => plain(row) as StakeMoveRow),
    epochReturns: (query) => returns.all(query).map((row) => plain(row) as EpochReturnRow),
    ownerSince({ chain, coldkey }) {
      const last = lastOwner.get({ chain }) as { block: number; coldkey: string } | undefined;
      return last?.coldkey === coldkey ? last.block : null;
    },
    pruneSubnets(nowMs) {
      const before = nowMs - SUBNET_DAYS * 86_400_000;
      for (const table of ['subnet_point', 'stake_move', 'epoch_return'])
        db.prepare(`DELETE FROM ${table} WHERE t < ?`).run(before);
    },
  };
}

const counts = new Set(['block', 'atMs', 'miners', 'validators']);

/** Amounts stay bigint; what is no amount becomes a number again. */
const plain = (row: unknown): unknown =>
  Object.fromEntries(
    Object.entries(row as object).map(([name, value]) => [
      name,
      counts.has(name) && value !== null ? Number(value) : value,
    ]),
  );

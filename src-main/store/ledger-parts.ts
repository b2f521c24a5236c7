import type { Database } from 'better-sqlite3';
import type { AccountEntry, LedgerEntry } from '../../src-shared/contract/page/earnings.ts';
import { entriesOf } from '../../src-shared/earnings/history.ts';
import { EPOCH, MOVE, OF_HOTKEY, type OfHotkey, plainCounts, SNAPSHOT } from './ledger.ts';
import type { EpochBooking, OwnMoveRow, StakeSnapshot } from './rows.ts';

/** A ledger read row by row, a part at a time: one of years is no message, and no list in memory. */
export interface LedgerParts {
  /** Rows of whole blocks, the oldest after that block: at least so many where there are, and the rest of their block. */
  stakePart(query: OfHotkey & { readonly after: number; readonly rows: number }): StakePart;
  /** What changed a coldkey's TAO, without purchases and sales that stand among the moves of a stake already. */
  accountPart(query: OfColdkey & { readonly after: number; readonly rows: number }): AccountPart;
  /** Transactions that rows of a coldkey name. */
  bookedHashes(query: OfColdkey): string[];
}

export interface OfColdkey {
  readonly genesis: string;
  readonly coldkey: string;
}

export interface StakePart {
  readonly entries: readonly LedgerEntry[];
  /** The block to go on after; null: nothing comes after it. */
  readonly next: number | null;
}

export interface AccountPart {
  readonly entries: readonly AccountEntry[];
  readonly next: number | null;
}

const OF_COLDKEY = 'WHERE genesis = @genesis AND coldkey = @coldkey';
const WITHIN = `${OF_HOTKEY} AND block > @after AND block <= @last ORDER BY block`;
/** The same purchase or sale, booked where its stake is. */
const BOOKED = `SELECT 1 FROM own_move o WHERE o.chain = @genesis || '/' || a.netuid AND o.hotkey = a.hotkey
  AND o.block = a.block AND o.kind = a.kind AND o.alpha_rao = a.alpha_rao`;

export function openLedgerParts(db: Database): LedgerParts {
  const exact = (sql: string) => db.prepare(sql).safeIntegers(true);
  const blockOf = (tables: readonly string[], of: string) =>
    db
      .prepare(
        `SELECT block FROM (${tables.map((table) => `SELECT block FROM ${table} ${of} AND block > @after`).join(' UNION ALL ')})
         ORDER BY block LIMIT 1 OFFSET @rows`,
      )
      .pluck();
  const stakeEnd = blockOf(['epoch_booking', 'own_move', 'chain_snapshot'], OF_HOTKEY);
  const accountEnd = blockOf(['account_move'], OF_COLDKEY);
  const [epochs, moves, snapshots] = [EPOCH, MOVE, SNAPSHOT].map((sql) => exact(`${sql} ${WITHIN}`));
  const snapshotBefore = exact(`${SNAPSHOT} ${OF_HOTKEY} AND block <= @after ORDER BY block DESC LIMIT 1`);
  const account = exact(
    `SELECT block, t AS atMs, kind, tao_rao AS taoRao, alpha_rao AS alpha, netuid, hotkey, other, tx_hash AS txHash
     FROM account_move a ${OF_COLDKEY} AND block > @after AND block <= @last AND NOT EXISTS (${BOOKED})
     ORDER BY block, seq`,
  );
  const hashes = db
    .prepare(`SELECT DISTINCT tx_hash FROM account_move ${OF_COLDKEY} AND tx_hash IS NOT NULL`)
    .pluck();
  const all = <T>(statement: typeof account | undefined, query: object): T[] =>
    (statement?.all(query) ?? []).map((row) => plainCounts(row) as T);
  const lastOf = (end: typeof stakeEnd, query: object & { readonly rows: number }) =>
    (end.get({ ...query, rows: query.rows - 1 }) as number | undefined) ?? null;

  return {
    stakePart({ rows, ...query }) {
      const next = lastOf(stakeEnd, { ...query, rows });
      const within = { ...query, last: next ?? Number.MAX_SAFE_INTEGER };
      const before = all<StakeSnapshot>(snapshotBefore, query);
      const entries = entriesOf({
        epochs: all<EpochBooking>(epochs, within),
        moves: all<OwnMoveRow>(moves, within),
        snapshots: [...before, ...all<StakeSnapshot>(snapshots, within)],
      });
      return { entries, next };
    },
    accountPart({ rows, ...query }) {
      const next = lastOf(accountEnd, { ...query, rows });
      return { entries: all(account, { ...query, last: next ?? Number.MAX_SAFE_INTEGER }), next };
    },
    bookedHashes: (query) => hashes.all(query) as string[],
  };
}

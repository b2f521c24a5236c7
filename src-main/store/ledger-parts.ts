import type { Database } from 'better-sqlite3';
import type { AccountEntry, LedgerEntry } from '../../src-shared/contract/page/earnings.ts';
import { entriesOf } from '../../src-shared/earnings/history.ts';
import { alphaRao } from '../../src-shared/units.ts';
import { EPOCH, MOVE, OF_HOTKEY, type OfHotkey, plainCounts, SNAPSHOT } from './ledger.ts';
import type { EpochBooking, OwnMoveRow, StakeSnapshot } from './rows.ts';

/** A ledger read row by row, a part at a time: one of years is no message, and no list in memory. */
export interface LedgerParts {
  /** Rows of whole blocks, the oldest after that block: at least so many where there are, and the rest of their block. */
  stakePart(query: StakeQuery): StakePart;
  /** What changed a coldkey's TAO, without purchases and sales that stand among the moves of one of these stakes. */
  accountPart(
    query: OfColdkey & {
      readonly after: number;
      readonly rows: number;
      readonly stakes: readonly OfHotkey[];
    },
  ): AccountPart;
  /** What other stakes of the coldkey than these cost, and brought, where no row of its TAO says it. */
  paidElsewhere(query: OfColdkey & { readonly stakes: readonly OfHotkey[] }): AccountEntry[];
  /** Transactions that rows of a coldkey name. */
  bookedHashes(query: OfColdkey): string[];
  /** Of each, whether it stands among the moves of its stake: by its block, for older moves name no transaction. */
  areMoves(trades: readonly Trade[]): boolean[];
}

export type StakeQuery = OfHotkey & {
  readonly after: number;
  readonly rows: number;
  /** Purchases and sales that stand elsewhere: what a stretch that nobody looked at holds of them is taken from it. */
  readonly elsewhere: readonly { readonly block: number; readonly alpha: bigint }[];
};

export interface Trade extends OfHotkey {
  readonly block: number;
  readonly kind: string;
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
/** Stakes as one parameter. */
const AMONG = "o.chain || ' ' || o.hotkey IN (SELECT value FROM json_each(@stakes))";
const amongOf = (stakes: readonly OfHotkey[]): string =>
  JSON.stringify(stakes.map(({ chain, hotkey }) => `${chain} ${hotkey}`));

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
     FROM account_move a ${OF_COLDKEY} AND block > @after AND block <= @last AND NOT EXISTS (${BOOKED} AND ${AMONG})
     ORDER BY block, seq`,
  );
  const hashes = db
    .prepare(`SELECT DISTINCT tx_hash FROM account_move ${OF_COLDKEY} AND tx_hash IS NOT NULL`)
    .pluck();
  const paidElsewhere = exact(
    `SELECT block, t AS atMs, kind, CASE kind WHEN 'stake' THEN -tao_rao ELSE tao_rao END AS taoRao, alpha_rao AS alpha,
       substr(chain, length(@genesis) + 2) AS netuid, hotkey, NULL AS other, tx_hash AS txHash
     FROM own_move o WHERE coldkey = @coldkey AND substr(chain, 1, length(@genesis) + 1) = @genesis || '/'
       AND kind IN ('stake', 'unstake', 'dissolved') AND tao_rao > 0 AND NOT (${AMONG}) AND NOT EXISTS (
         SELECT 1 FROM account_move a ${OF_COLDKEY} AND a.block = o.block AND a.kind = o.kind AND a.hotkey = o.hotkey
           AND @genesis || '/' || a.netuid = o.chain AND a.alpha_rao = o.alpha_rao)
     ORDER BY block, seq`,
  );
  const isMove = db
    .prepare(`SELECT 1 FROM own_move ${OF_HOTKEY} AND block = @block AND kind = @kind`)
    .pluck();
  // What another hotkey's run saw of this stake, while nobody looked for this one.
  const seenByOthers = exact(
    `SELECT coalesce(sum(alpha_rao), 0) FROM account_move a ${OF_COLDKEY} AND block > @after AND block <= @last
     AND @genesis || '/' || netuid = @chain AND hotkey = @hotkey AND kind IN ('stake', 'unstake') AND NOT EXISTS (${BOOKED})`,
  ).pluck();
  /** A stretch that nobody looked at, without what stands elsewhere. */
  const withoutKnown = (
    snapshots: readonly StakeSnapshot[],
    { chain, hotkey, elsewhere }: StakeQuery,
  ): StakeSnapshot[] =>
    snapshots.map((snapshot, i) => {
      const before = snapshots[i - 1];
      const { residualAlpha, method, block, coldkey } = snapshot;
      if (!before || method !== 'delta' || residualAlpha === null) return snapshot;
      const genesis = chain.split('/')[0];
      const stretch = { genesis, coldkey, chain, hotkey, after: before.block, last: block };
      const known = elsewhere
        .filter((trade) => trade.block > before.block && trade.block <= block)
        .reduce((sum, { alpha }) => sum + alpha, seenByOthers.get(stretch) as bigint);
      return { ...snapshot, residualAlpha: alphaRao(residualAlpha - known) };
    });
  const all = <T>(statement: typeof account | undefined, query: object): T[] =>
    (statement?.all(query) ?? []).map((row) => plainCounts(row) as T);
  const lastOf = (end: typeof stakeEnd, query: object & { readonly rows: number }) =>
    (end.get({ ...query, rows: query.rows - 1 }) as number | undefined) ?? null;

  return {
    stakePart(asked) {
      const { chain, hotkey, after, rows } = asked;
      const query = { chain, hotkey, after };
      const next = lastOf(stakeEnd, { ...query, rows });
      const within = { ...query, last: next ?? Number.MAX_SAFE_INTEGER };
      const before = all<StakeSnapshot>(snapshotBefore, query);
      const entries = entriesOf({
        epochs: all<EpochBooking>(epochs, within),
        moves: all<OwnMoveRow>(moves, within),
        snapshots: withoutKnown([...before, ...all<StakeSnapshot>(snapshots, within)], asked),
      });
      return { entries, next };
    },
    accountPart({ rows, stakes, ...query }) {
      const next = lastOf(accountEnd, { ...query, rows });
      const within = { ...query, stakes: amongOf(stakes), last: next ?? Number.MAX_SAFE_INTEGER };
      return { entries: all(account, within), next };
    },
    paidElsewhere: ({ stakes, ...query }) => all(paidElsewhere, { ...query, stakes: amongOf(stakes) }),
    bookedHashes: (query) => hashes.all(query) as string[],
    areMoves: (trades) => trades.map((trade) => isMove.get(trade) !== undefined),
  };
}

import type { Database } from 'better-sqlite3';
import type { EarningsHistory } from '../../src-shared/contract/page/earnings.ts';
import { historyOf } from '../../src-shared/earnings/history.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { BookedBlock, EpochBooking, OwnMoveRow, StakeSnapshot } from './rows.ts';

/** ledger.db inside the store's thread. Amounts are bigint both ways: rao exceed what a double holds exactly. */
export interface Ledger {
  /**
   * Books a block whole or not at all, and with it that it was looked at. Booking it again changes nothing: the first
   * booking stands.
   */
  bookBlock(query: { readonly chain: string; readonly booked: BookedBlock }): void;
  /** Newest first. */
  lastEpochs(query: OfHotkey & { readonly limit: number }): EpochBooking[];
  /** Oldest first. */
  epochsSince(query: OfHotkey & { readonly sinceMs: number }): EpochBooking[];
  /** Oldest first. */
  snapshotsSince(query: OfHotkey & { readonly sinceMs: number }): StakeSnapshot[];
  /** Oldest first. */
  movesSince(query: OfHotkey & { readonly sinceMs: number }): OwnMoveRow[];
  /** All of it, made up here: a ledger of years is no message to the host. @see historyOf */
  history(
    query: OfHotkey & Pick<EarningsHistory, 'netuid'> & { readonly newest: number | null },
  ): EarningsHistory;
  /** What pay and moves together changed the stake by, in the blocks between these two. */
  bookedBetween(query: OfHotkey & { readonly after: number; readonly before: number }): bigint;
  lastSnapshot(query: OfHotkey): StakeSnapshot | null;
  scannedBlock(query: OfHotkey): number | null;
  /** Hotkeys that something is booked of, on any subnet of any chain. */
  bookedHotkeys(): OfHotkey[];
}

export interface OfHotkey {
  /** Genesis and subnet in one word. */
  readonly chain: string;
  readonly hotkey: string;
}

export const OF_HOTKEY = 'WHERE chain = @chain AND hotkey = @hotkey';
export const EPOCH =
  'SELECT hotkey, block, t AS atMs, uid, alpha_rao AS alpha, price_rao AS priceRao, value_rao AS valueRao FROM epoch_booking';
export const SNAPSHOT = `SELECT hotkey, coldkey, block, t AS atMs, stake_alpha_rao AS stakeAlpha,
  residual_alpha_rao AS residualAlpha, price_rao AS priceRao, method FROM chain_snapshot`;
export const MOVE = `SELECT hotkey, coldkey, block, seq, t AS atMs, kind, alpha_rao AS alpha, tao_rao AS taoRao,
  fee_rao AS feeRao, price_rao AS priceRao, tx_hash AS txHash FROM own_move`;

export function openLedger(db: Database): Ledger {
  const bookEpoch = db.prepare(
    'INSERT OR IGNORE INTO epoch_booking VALUES (@chain, @hotkey, @block, @atMs, @uid, @alpha, @priceRao, @valueRao)',
  );
  const bookMove = db.prepare(
    `INSERT OR IGNORE INTO own_move VALUES (@chain, @hotkey, @block, @seq, @coldkey, @atMs, @kind, @alpha, @taoRao,
       @feeRao, @priceRao, @txHash)`,
  );
  const bookAccount = db.prepare(
    `INSERT OR IGNORE INTO account_move VALUES (@genesis, @coldkey, @block, @seq, @atMs, @kind, @taoRao, @alpha, @netuid,
       @hotkey, @other, @txHash)`,
  );
  const bookSnapshot = db.prepare(
    `INSERT OR IGNORE INTO chain_snapshot VALUES (@chain, @hotkey, @block, @coldkey, @atMs, @stakeAlpha, @residualAlpha,
       @priceRao, @method)`,
  );
  const setScanned = db.prepare(
    `INSERT INTO scan_cursor VALUES (@chain, @hotkey, @block)
     ON CONFLICT(chain, hotkey) DO UPDATE SET block = max(block, @block)`,
  );
  const exact = (sql: string) => db.prepare(sql).safeIntegers(true);
  const lastEpochs = exact(`${EPOCH} ${OF_HOTKEY} ORDER BY block DESC LIMIT @limit`);
  const since = (sql: string) => exact(`${sql} ${OF_HOTKEY} AND t >= @sinceMs ORDER BY block`);
  const [epochsSince, snapshotsSince, movesSince] = [since(EPOCH), since(SNAPSHOT), since(MOVE)];
  const lastSnapshot = exact(`${SNAPSHOT} ${OF_HOTKEY} ORDER BY block DESC LIMIT 1`);
  const between = `${OF_HOTKEY} AND block > @after AND block < @before`;
  const bookedBetween = exact(
    `SELECT coalesce((SELECT sum(alpha_rao) FROM epoch_booking ${between}), 0)
       + coalesce((SELECT sum(alpha_rao) FROM own_move ${between}), 0)`,
  ).pluck();
  const scanned = db.prepare(`SELECT block FROM scan_cursor ${OF_HOTKEY}`).pluck();
  const hotkeys = db.prepare('SELECT chain, hotkey FROM scan_cursor ORDER BY chain, hotkey');

  const book = db.transaction((chain: string, booked: BookedBlock) => {
    const { hotkey, block, epoch, moves, snapshot, account } = booked;
    if (epoch) bookEpoch.run({ ...epoch, chain });
    for (const move of moves) bookMove.run({ ...move, chain });
    if (snapshot) bookSnapshot.run({ ...snapshot, chain });
    const genesis = chain.split('/')[0];
    for (const move of account?.moves ?? []) bookAccount.run({ ...move, genesis, coldkey: account?.coldkey });
    setScanned.run({ chain, hotkey, block });
  });

  const epochs: Ledger['epochsSince'] = (query) =>
    epochsSince.all(query).map((row) => plainCounts(row) as EpochBooking);
  const snapshots: Ledger['snapshotsSince'] = (query) =>
    snapshotsSince.all(query).map((row) => plainCounts(row) as StakeSnapshot);
  const moves: Ledger['movesSince'] = (query) =>
    movesSince.all(query).map((row) => plainCounts(row) as OwnMoveRow);

  return {
    bookBlock: ({ chain, booked }) => void book.immediate(chain, booked),
    lastEpochs: (query) => lastEpochs.all(query).map((row) => plainCounts(row) as EpochBooking),
    epochsSince: epochs,
    snapshotsSince: snapshots,
    movesSince: moves,
    history({ chain, hotkey, netuid, newest }) {
      const all = { chain, hotkey, sinceMs: 0 };
      const rows = { epochs: epochs(all), moves: moves(all), snapshots: snapshots(all) };
      return historyOf(rows, { hotkey: hotkey as Ss58, netuid }, newest);
    },
    bookedBetween: (query) => bookedBetween.get(query) as bigint,
    lastSnapshot: (query) => {
      const row = lastSnapshot.get(query);
      return row ? (plainCounts(row) as StakeSnapshot) : null;
    },
    scannedBlock: (query) => (scanned.get(query) as number | undefined) ?? null,
    bookedHotkeys: () => hotkeys.all() as OfHotkey[],
  };
}

const counts = new Set(['block', 'atMs', 'uid', 'seq', 'netuid']);

/** Amounts stay bigint; what is no amount becomes a number again. */
export function plainCounts(row: unknown): unknown {
  return Object.fromEntries(
    Object.entries(row as object).map(([name, value]) => [
      name,
      counts.has(name) && value !== null ? Number(value) : value,
    ]),
  );
}

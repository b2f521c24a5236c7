import type { Database } from 'better-sqlite3';
import type { EpochBooking, StakeSnapshot } from './rows.ts';

/** ledger.db inside the store's thread. Amounts are bigint both ways: rao exceed what a double holds exactly. */
export interface Ledger {
  /** Booking the same epoch again changes nothing: the first booking stands. */
  bookEpoch(query: { readonly chain: string; readonly row: EpochBooking }): void;
  snapshot(query: { readonly chain: string; readonly row: StakeSnapshot }): void;
  /** Newest first. */
  lastEpochs(query: OfHotkey & { readonly limit: number }): EpochBooking[];
  /** Oldest first. */
  epochsSince(query: OfHotkey & { readonly sinceMs: number }): EpochBooking[];
  lastSnapshot(query: OfHotkey): StakeSnapshot | null;
  scannedBlock(query: OfHotkey): number | null;
  setScannedBlock(query: OfHotkey & { readonly block: number }): void;
}

export interface OfHotkey {
  /** Genesis and subnet in one word. */
  readonly chain: string;
  readonly hotkey: string;
}

const OF_HOTKEY = 'WHERE chain = @chain AND hotkey = @hotkey';
const EPOCH =
  'SELECT hotkey, block, t AS atMs, uid, alpha_rao AS alpha, price_rao AS priceRao, value_rao AS valueRao FROM epoch_booking';
const SNAPSHOT = `SELECT hotkey, coldkey, block, t AS atMs, stake_alpha_rao AS stakeAlpha,
  residual_alpha_rao AS residualAlpha FROM chain_snapshot`;

export function openLedger(db: Database): Ledger {
  const bookEpoch = db.prepare(
    'INSERT OR IGNORE INTO epoch_booking VALUES (@chain, @hotkey, @block, @atMs, @uid, @alpha, @priceRao, @valueRao)',
  );
  const snapshot = db.prepare(
    'INSERT OR IGNORE INTO chain_snapshot VALUES (@chain, @hotkey, @block, @coldkey, @atMs, @stakeAlpha, @residualAlpha)',
  );
  const setScanned = db.prepare(
    `INSERT INTO scan_cursor VALUES (@chain, @hotkey, @block)
     ON CONFLICT(chain, hotkey) DO UPDATE SET block = max(block, @block)`,
  );
  const exact = (sql: string) => db.prepare(sql).safeIntegers(true);
  const lastEpochs = exact(`${EPOCH} ${OF_HOTKEY} ORDER BY block DESC LIMIT @limit`);
  const epochsSince = exact(`${EPOCH} ${OF_HOTKEY} AND t >= @sinceMs ORDER BY block`);
  const lastSnapshot = exact(`${SNAPSHOT} ${OF_HOTKEY} ORDER BY block DESC LIMIT 1`);
  const scanned = db.prepare(`SELECT block FROM scan_cursor ${OF_HOTKEY}`).pluck();

  return {
    bookEpoch: ({ chain, row }) => void bookEpoch.run({ ...row, chain }),
    snapshot: ({ chain, row }) => void snapshot.run({ ...row, chain }),
    lastEpochs: (query) => lastEpochs.all(query).map((row) => plainCounts(row) as EpochBooking),
    epochsSince: (query) => epochsSince.all(query).map((row) => plainCounts(row) as EpochBooking),
    lastSnapshot: (query) => {
      const row = lastSnapshot.get(query);
      return row ? (plainCounts(row) as StakeSnapshot) : null;
    },
    scannedBlock: (query) => (scanned.get(query) as number | undefined) ?? null,
    setScannedBlock: (query) => void setScanned.run(query),
  };
}

const counts = new Set(['block', 'atMs', 'uid']);

/** Amounts stay bigint; what is no amount becomes a number again. */
function plainCounts(row: unknown): unknown {
  return Object.fromEntries(
    Object.entries(row as object).map(([name, value]) => [name, counts.has(name) ? Number(value) : value]),
  );
}

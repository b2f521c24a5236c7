import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { type Ask, type HotkeyLedger, hotkeyLedger, type PartReads, partReads } from './hotkey-ledger.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { openLedgerParts } from './ledger-parts.ts';
import { ledgerMigrations } from './ledger-schema.ts';
import { openForReading } from './open-for-reading.ts';
import { openOwnTransactions } from './own-transactions.ts';

/** The ledger of a data folder as a reader sees it: a host may be writing it meanwhile. */
export interface ReadLedger {
  bookedHotkeys(): Promise<ReturnType<Ledger['bookedHotkeys']>>;
  ledger(genesis: Hex, netuid: number): HotkeyLedger;
  readonly parts: PartReads;
  close(): void;
}

/**
 * @returns null where nothing was ever booked
 * @throws {AppError} DATABASE_NEWER, LEDGER_OLDER, or of the disk
 */
export const readLedger = (dataDir: string): ReadLedger | null =>
  openForReading(
    { dataDir, name: 'ledger', migrations: ledgerMigrations, older: 'LEDGER_OLDER' },
    (db): ReadLedger => {
      const ledger = { ...openLedger(db), ...openLedgerParts(db), ...openOwnTransactions(db) };
      const ask = (async (operation: keyof typeof ledger, argument: unknown) =>
        ledger[operation](argument as never)) as unknown as Ask;
      return {
        bookedHotkeys: async () => ledger.bookedHotkeys(),
        ledger: (genesis, netuid) => hotkeyLedger(ask, genesis, netuid),
        parts: partReads(ask, dataDir),
        close: () => void db.close(),
      };
    },
  );

/**
 * How many orders in the ledger of a folder were signed and have no fate yet; 0 where there is no ledger.
 * @throws {AppError} of the disk: what cannot be read may hold some
 */
export function openOrdersIn(dataDir: string): number {
  const path = join(dataDir, 'ledger.db');
  if (!existsSync(path)) return 0;
  try {
    const db = new Sqlite(path, { readonly: true, fileMustExist: true });
    try {
      const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'own_transaction'").get();
      return isThere
        ? (db.prepare('SELECT count(*) FROM own_transaction WHERE is_open = 1').pluck().get() as number)
        : 0;
    } finally {
      db.close();
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

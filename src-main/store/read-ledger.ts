import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { diskError } from '../../src-node/disk-error.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { type Ask, type HotkeyLedger, hotkeyLedger, type PartReads, partReads } from './hotkey-ledger.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { openLedgerParts } from './ledger-parts.ts';
import { ledgerMigrations } from './ledger-schema.ts';
import { versionOf } from './migrate.ts';
import { openOwnTransactions } from './own-transactions.ts';

/** The ledger of a data folder as a reader sees it: a host may be writing it meanwhile. */
export interface ReadLedger {
  bookedHotkeys(): Promise<ReturnType<Ledger['bookedHotkeys']>>;
  ledger(genesis: Hex, netuid: number): HotkeyLedger;
  readonly parts: PartReads;
  close(): void;
}

/**
 * Opens it for reading alone, in this thread: for a command that prints and ends.
 * @returns null where nothing was ever booked
 * @throws {AppError} DATABASE_NEWER, LEDGER_OLDER, or of the disk
 */
export function readLedger(dataDir: string): ReadLedger | null {
  const path = join(dataDir, 'ledger.db');
  if (!existsSync(path)) return null;
  try {
    const db = new Sqlite(path, { readonly: true });
    try {
      const version = versionOf(db);
      if (version > ledgerMigrations.length) throw new AppError('DATABASE_NEWER', { name: 'ledger' });
      if (version < ledgerMigrations.length) throw new AppError('LEDGER_OLDER');
      const ledger = { ...openLedger(db), ...openLedgerParts(db), ...openOwnTransactions(db) };
      const ask = (async (operation: keyof typeof ledger, argument: unknown) =>
        ledger[operation](argument as never)) as unknown as Ask;
      return {
        bookedHotkeys: async () => ledger.bookedHotkeys(),
        ledger: (genesis, netuid) => hotkeyLedger(ask, genesis, netuid),
        parts: partReads(ask, dataDir),
        close: () => void db.close(),
      };
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

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

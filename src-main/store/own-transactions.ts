import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import type { OfColdkey } from './ledger-parts.ts';
import { MAX_LISTED } from './limits.ts';
import type { OwnTransactionRow } from './rows.ts';

/** What this user's coldkeys had signed, inside the store's thread. */
export interface OwnTransactions {
  /** Synced when it returns. A row of the same id gives way to the newer one. */
  keepTransaction(row: OwnTransactionRow): void;
  /** Newest first: the newest `limit`, and all whose fate is open. */
  ownTransactions(query: { readonly limit: number }): OwnTransactionRow[];
  /** Of one coldkey on one chain, newest first: the newest `limit` here, and of each of the other folders. */
  transactionsOf(
    query: OfColdkey & { readonly limit: number; readonly folders: readonly string[] },
  ): OwnTransactionRow[];
  /** Whose fate is open in the ledger of another folder, which another process may write meanwhile. Only read. */
  openElsewhere(folder: string): OwnTransactionRow[];
}

const COLUMNS =
  'SELECT id, genesis AS genesisHash, coldkey, t AS atMs, is_open AS isOpen, body FROM own_transaction';

const OF_COLDKEY = `${COLUMNS} WHERE genesis = @genesis AND coldkey = @coldkey ORDER BY t DESC, id DESC LIMIT @limit`;

/** SQLite knows no boolean. */
type Listed = Omit<OwnTransactionRow, 'isOpen'> & { readonly isOpen: number };

export function openOwnTransactions(db: Database): OwnTransactions {
  const keep = db.prepare(
    `INSERT INTO own_transaction VALUES (@id, @genesisHash, @coldkey, @atMs, @isOpen, @body)
     ON CONFLICT(id) DO UPDATE SET is_open = @isOpen, body = @body`,
  );
  const listed = db.prepare(
    `${COLUMNS}
     WHERE is_open = 1 OR id IN (SELECT id FROM own_transaction ORDER BY t DESC, id DESC LIMIT @limit)
     ORDER BY t DESC, id DESC`,
  );
  const ofColdkey = db.prepare(OF_COLDKEY);
  return {
    keepTransaction: (row) => void keep.run({ ...row, isOpen: row.isOpen ? 1 : 0 }),
    ownTransactions: ({ limit }) =>
      (listed.all({ limit: Math.min(limit, MAX_LISTED) }) as Listed[]).map(asRow),
    transactionsOf: ({ folders, limit, ...of }) => {
      const query = { ...of, limit: Math.min(limit, MAX_LISTED) };
      const rows = folders.flatMap((folder) => elsewhere(folder, OF_COLDKEY, query));
      return [...(ofColdkey.all(query) as Listed[]).map(asRow), ...rows].toSorted((a, b) => b.atMs - a.atMs);
    },
    openElsewhere: (folder) => elsewhere(folder, `${COLUMNS} WHERE is_open = 1 LIMIT ${MAX_LISTED}`, {}),
  };
}

const asRow = (row: Listed): OwnTransactionRow => ({ ...row, isOpen: row.isOpen === 1 });

/** @throws SQLite's own error, but for a ledger that is not there, or is of a version without transactions */
function elsewhere(folder: string, sql: string, query: object): OwnTransactionRow[] {
  const path = join(folder, 'ledger.db');
  if (!existsSync(path)) return [];
  const db = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    const isThere = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'own_transaction'").get();
    return isThere ? (db.prepare(sql).all(query) as Listed[]).map(asRow) : [];
  } finally {
    db.close();
  }
}

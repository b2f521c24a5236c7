import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** What was paid, one line for each booking in the ledger: all of it that a person counts on. */
export const moneyRows = (dataDir: string): readonly string[] => moneyRowsIn(join(dataDir, 'ledger.db'));

export function moneyRowsIn(path: string): readonly string[] {
  const db = new Sqlite(path, { readonly: true });
  try {
    // Time and price are of when it was booked: a row found again on the chain has its own.
    const rows = db.prepare('SELECT chain, hotkey, block, alpha_rao FROM epoch_booking ORDER BY block');
    return rows.safeIntegers(true).raw(true).all().map(String);
  } finally {
    db.close();
  }
}

/** Those of `before` that `after` lacks. */
export const missingRows = (before: readonly string[], after: readonly string[]): readonly string[] =>
  before.filter((row) => !after.includes(row));

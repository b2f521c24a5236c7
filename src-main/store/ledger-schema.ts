import type { Migration } from './migrate.ts';

/**
 * ledger.db: what was earned and held. Never pruned, synced at every commit, copied daily. `chain` names genesis and
 * subnet, so that practice and the real network never mix. Amounts are rao, of TAO or alpha.
 */
export const ledgerMigrations: readonly Migration[] = [
  `CREATE TABLE epoch_booking(
     chain TEXT NOT NULL, hotkey TEXT NOT NULL, block INTEGER NOT NULL, t INTEGER NOT NULL, uid INTEGER NOT NULL,
     alpha_rao INTEGER NOT NULL, price_rao INTEGER, value_rao INTEGER,
     PRIMARY KEY(chain, hotkey, block)) STRICT, WITHOUT ROWID;
   CREATE TABLE chain_snapshot(
     chain TEXT NOT NULL, hotkey TEXT NOT NULL, block INTEGER NOT NULL, coldkey TEXT NOT NULL, t INTEGER NOT NULL,
     stake_alpha_rao INTEGER NOT NULL, residual_alpha_rao INTEGER,
     PRIMARY KEY(chain, hotkey, block)) STRICT, WITHOUT ROWID;
   CREATE TABLE scan_cursor(
     chain TEXT NOT NULL, hotkey TEXT NOT NULL, block INTEGER NOT NULL,
     PRIMARY KEY(chain, hotkey)) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE own_transaction(
     id TEXT PRIMARY KEY NOT NULL, genesis TEXT NOT NULL, coldkey TEXT NOT NULL, t INTEGER NOT NULL,
     is_open INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX own_transaction_t ON own_transaction(t);`,
  // What an account was worth at the end of each UTC day, by the last look of that day; days since 1970.
  `CREATE TABLE worth_day(
     chain TEXT NOT NULL, coldkey TEXT NOT NULL, day INTEGER NOT NULL, t INTEGER NOT NULL, block INTEGER NOT NULL,
     total_rao INTEGER NOT NULL, free_rao INTEGER NOT NULL,
     PRIMARY KEY(chain, coldkey, day)) STRICT, WITHOUT ROWID;`,
  // What changed a stake besides pay: a signed amount each. `method` of a snapshot says how its residual came about:
  // 'event' from a stretch in which every block was looked at, 'delta' from one with a hole; NULL is older than this.
  `CREATE TABLE own_move(
     chain TEXT NOT NULL, hotkey TEXT NOT NULL, block INTEGER NOT NULL, seq INTEGER NOT NULL, coldkey TEXT NOT NULL,
     t INTEGER NOT NULL, kind TEXT NOT NULL, alpha_rao INTEGER NOT NULL, tao_rao INTEGER, fee_rao INTEGER,
     price_rao INTEGER,
     PRIMARY KEY(chain, hotkey, block, seq)) STRICT, WITHOUT ROWID;
   ALTER TABLE chain_snapshot ADD COLUMN price_rao INTEGER;
   ALTER TABLE chain_snapshot ADD COLUMN method TEXT;`,
  // What changed a coldkey's TAO, of one genesis. `seq` is the place of its event in the block, so that two hotkeys of
  // one coldkey that both look at a block book the same row.
  `CREATE TABLE account_move(
     genesis TEXT NOT NULL, coldkey TEXT NOT NULL, block INTEGER NOT NULL, seq INTEGER NOT NULL, t INTEGER NOT NULL,
     kind TEXT NOT NULL, tao_rao INTEGER NOT NULL, alpha_rao INTEGER, netuid INTEGER, hotkey TEXT, other TEXT,
     tx_hash TEXT,
     PRIMARY KEY(genesis, coldkey, block, seq)) STRICT, WITHOUT ROWID;
   ALTER TABLE own_move ADD COLUMN tx_hash TEXT;`,
];

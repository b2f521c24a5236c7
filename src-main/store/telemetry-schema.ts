import type { Migration } from './migrate.ts';

/** telemetry.db: prunable, so it may lose the last moments before a power cut but is never left corrupt. */
export const telemetryMigrations: readonly Migration[] = [
  `CREATE TABLE run(
     id INTEGER PRIMARY KEY, profile TEXT NOT NULL, profile_hash TEXT NOT NULL, netuid INTEGER NOT NULL,
     hotkey TEXT NOT NULL, coldkey TEXT NOT NULL, role TEXT NOT NULL, started INTEGER NOT NULL,
     resumed INTEGER NOT NULL, app_version TEXT NOT NULL, UNIQUE(profile_hash, hotkey)) STRICT;
   CREATE TABLE step(
     run_id INTEGER NOT NULL, step INTEGER NOT NULL, round INTEGER, t INTEGER NOT NULL, loss REAL, lr REAL,
     grad_norm_milli INTEGER, tokens INTEGER NOT NULL, step_ms REAL NOT NULL,
     PRIMARY KEY(run_id, step)) STRICT, WITHOUT ROWID;
   CREATE TABLE round(
     run_id INTEGER NOT NULL, round INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER,
     outcome TEXT NOT NULL, members INTEGER NOT NULL, contributed INTEGER NOT NULL, bytes_tx INTEGER NOT NULL,
     bytes_rx INTEGER NOT NULL, duration_ms REAL, held_out_loss REAL, digest TEXT, reason TEXT,
     edges_json TEXT NOT NULL, PRIMARY KEY(run_id, round)) STRICT, WITHOUT ROWID;
   CREATE TABLE score(
     run_id INTEGER NOT NULL, round INTEGER NOT NULL, validator TEXT NOT NULL, hotkey TEXT NOT NULL,
     t INTEGER NOT NULL, total REAL, average REAL, weight REAL,
     PRIMARY KEY(run_id, round, validator, hotkey)) STRICT, WITHOUT ROWID;
   CREATE TABLE evidence(
     id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL, round INTEGER NOT NULL, validator TEXT NOT NULL,
     hotkey TEXT NOT NULL, t INTEGER NOT NULL, term TEXT NOT NULL, value REAL, why TEXT NOT NULL,
     UNIQUE(run_id, round, validator, hotkey, term)) STRICT;
   CREATE INDEX evidence_of_hotkey ON evidence(hotkey, t);
   CREATE TABLE peer(
     peer_id TEXT PRIMARY KEY, hotkey TEXT NOT NULL, uid INTEGER, address TEXT, first_seen INTEGER NOT NULL,
     last_seen INTEGER NOT NULL) STRICT;
   CREATE TABLE event(
     id INTEGER PRIMARY KEY, t INTEGER NOT NULL, level TEXT NOT NULL, source TEXT NOT NULL, code TEXT NOT NULL,
     detail_json TEXT NOT NULL) STRICT;
   CREATE INDEX event_by_code ON event(code, t);`,
  // What a term rests on, for whoever wants to check it; rows of before have none.
  'ALTER TABLE evidence ADD COLUMN detail_json TEXT;',
  // Subnets over time, each named by genesis and number. Amounts are rao, of TAO or alpha.
  `CREATE TABLE subnet_point(
     chain TEXT NOT NULL, block INTEGER NOT NULL, t INTEGER NOT NULL, price_rao INTEGER, tao_in INTEGER,
     tao_in_emission INTEGER, burn_rao INTEGER, volume_rao INTEGER, miners INTEGER, validators INTEGER,
     PRIMARY KEY(chain, block)) STRICT, WITHOUT ROWID;
   CREATE INDEX subnet_point_by_time ON subnet_point(chain, t);
   CREATE TABLE stake_move(
     chain TEXT NOT NULL, block INTEGER NOT NULL, hotkey TEXT NOT NULL, coldkey TEXT NOT NULL, t INTEGER NOT NULL,
     alpha INTEGER NOT NULL, PRIMARY KEY(chain, block, hotkey)) STRICT, WITHOUT ROWID;
   CREATE TABLE epoch_return(
     chain TEXT NOT NULL, block INTEGER NOT NULL, hotkey TEXT NOT NULL, t INTEGER NOT NULL,
     dividends INTEGER NOT NULL, stake INTEGER NOT NULL, take REAL,
     PRIMARY KEY(chain, block, hotkey)) STRICT, WITHOUT ROWID;
   CREATE TABLE subnet_owner(
     chain TEXT NOT NULL, block INTEGER NOT NULL, t INTEGER NOT NULL, coldkey TEXT NOT NULL,
     PRIMARY KEY(chain, block)) STRICT, WITHOUT ROWID;`,
  // The order in which rows came, run by run, for whoever tells them on: a number is given once, to a row's first
  // writing, and never again. A score that changed is told anew. Rows of before are numbered by their time.
  `ALTER TABLE run ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE step ADD COLUMN seq INTEGER;
   ALTER TABLE round ADD COLUMN seq INTEGER;
   ALTER TABLE round ADD COLUMN held_out_seq INTEGER;
   ALTER TABLE score ADD COLUMN seq INTEGER;
   ALTER TABLE score ADD COLUMN uid INTEGER;
   CREATE TEMP TABLE numbered AS
     SELECT kind, run_id, a, b, c, row_number() OVER (PARTITION BY run_id ORDER BY t, kind) - 1 AS seq FROM (
       SELECT 'step' AS kind, run_id, t, step AS a, NULL AS b, NULL AS c FROM step
       UNION ALL SELECT 'round', run_id, coalesce(ended, started), round, NULL, NULL FROM round WHERE round >= 0
       UNION ALL SELECT 'loss', run_id, coalesce(ended, started), round, NULL, NULL FROM round
         WHERE held_out_loss IS NOT NULL
       UNION ALL SELECT 'score', run_id, t, round, validator, hotkey FROM score);
   UPDATE step SET seq = n.seq FROM numbered n WHERE n.kind = 'step' AND n.run_id = step.run_id AND n.a = step.step;
   UPDATE round SET seq = n.seq FROM numbered n
     WHERE n.kind = 'round' AND n.run_id = round.run_id AND n.a = round.round;
   UPDATE round SET held_out_seq = n.seq FROM numbered n
     WHERE n.kind = 'loss' AND n.run_id = round.run_id AND n.a = round.round;
   UPDATE score SET seq = n.seq FROM numbered n WHERE n.kind = 'score' AND n.run_id = score.run_id
     AND n.a = score.round AND n.b = score.validator AND n.c = score.hotkey;
   UPDATE run SET log_seq = coalesce((SELECT max(seq) + 1 FROM numbered WHERE run_id = run.id), 0);
   DROP TABLE numbered;
   CREATE UNIQUE INDEX step_by_seq ON step(run_id, seq);
   CREATE UNIQUE INDEX round_by_seq ON round(run_id, seq);
   CREATE UNIQUE INDEX held_out_by_seq ON round(run_id, held_out_seq);
   CREATE UNIQUE INDEX score_by_seq ON score(run_id, seq);
   CREATE TABLE log_cursor(
     run_id INTEGER NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL, t INTEGER NOT NULL,
     PRIMARY KEY(run_id, target)) STRICT, WITHOUT ROWID;`,
  // Where the hotkey stood on its chain when a round was over. Shares are 0..1, amounts rao of alpha.
  `CREATE TABLE standing(
     run_id INTEGER NOT NULL, round INTEGER NOT NULL, t INTEGER NOT NULL, block INTEGER NOT NULL,
     stake_alpha INTEGER NOT NULL, incentive REAL NOT NULL, dividends REAL NOT NULL, emission_alpha INTEGER NOT NULL,
     seq INTEGER, PRIMARY KEY(run_id, round)) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX standing_by_seq ON standing(run_id, seq);`,
  `CREATE TABLE upload(
     run_id INTEGER NOT NULL, tag TEXT NOT NULL, place TEXT NOT NULL, kind TEXT NOT NULL, round INTEGER NOT NULL,
     t INTEGER NOT NULL, sent_bytes INTEGER, found_bytes INTEGER, duration_ms REAL, code TEXT,
     PRIMARY KEY(run_id, tag, place)) STRICT, WITHOUT ROWID;`,
  // Where a step stood within its round; of steps of before that is not known.
  'ALTER TABLE step ADD COLUMN inner_step INTEGER;',
  `ALTER TABLE standing ADD COLUMN consensus REAL;
   ALTER TABLE standing ADD COLUMN trust REAL;
   CREATE TABLE card(
     run_id INTEGER NOT NULL, t INTEGER NOT NULL, card INTEGER NOT NULL, step INTEGER NOT NULL, busy REAL, celsius REAL,
     watts REAL, used_bytes INTEGER, memory_bytes INTEGER, seq INTEGER,
     PRIMARY KEY(run_id, t, card)) STRICT, WITHOUT ROWID;
   CREATE UNIQUE INDEX card_by_seq ON card(run_id, seq);`,
  // What fills the sentence of why a state is not there; of those of before that is not known.
  'ALTER TABLE upload ADD COLUMN params_json TEXT;',
  // What a round came to with each member, silent and late ones too; of rounds of before that is not known.
  'ALTER TABLE round ADD COLUMN group_json TEXT;',
];

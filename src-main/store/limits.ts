/** Telemetry waits this long or for this many rows, whichever comes first, and is then written in one transaction. */
export const FLUSH_MS = 250;
export const FLUSH_ROWS = 500;
/** Rows kept in memory while the disk takes none; beyond it the oldest are dropped and counted. */
export const PENDING_ROWS = 50_000;
/** Opening includes the check of a telemetry file of years and its migration. */
export const OPEN_MS = 120_000;
/** Closing writes what is queued and checkpoints. */
export const CLOSE_MS = 10_000;
/** A copy of the ledger is taken once so many rows came since the last one: an hour of real epochs, two rows each. */
export const BACKUP_ROWS = 2;
/** And at most this often: a practice books every ten seconds. */
export const BACKUP_EVERY_MS = 120_000;
/** Copies kept: so many of the newest, and of so many days the last one. */
export const BACKUPS_RECENT = 4;
export const BACKUP_DAYS_KEPT = 7;
/** While the disk takes nothing, what is queued is tried again this often. */
export const FLUSH_RETRY_MS = 2_000;
/** Caps that keep telemetry within what a hobbyist's disk should give. */
export const EVENT_ROWS = 200_000;
export const EVIDENCE_ROWS = 500_000;
/** What validators said of other hotkeys is kept so long: who disputes a score does so within days. Own scores stay. */
export const SCORE_DAYS = 30;
/** And in any case so many of a run's rounds, by which its scores are set side by side. */
export const SAID_ROUNDS = 512;
/** Looked for what may go so often: a validator runs for months. */
export const PRUNE_EVERY_MS = 3_600_000;
/** Rows that go at once: some milliseconds of the store's thread, in which nobody has an answer. */
export const PRUNED_AT_ONCE = 500;
/** Single steps are kept so long; of older ones every tenth. */
export const STEP_DAYS = 90;
/** Readings of cards are kept so long: one a minute of each is some 20 MB a year. */
export const CARD_DAYS = 365;
export const MAX_POINTS = 5_000;
export const MAX_LISTED = 1_000;
/** What was seen of subnets is kept so long: a year to look back on, and some weeks. */
export const SUBNET_DAYS = 400;
/** Large stake moves told at once. */
export const SUBNET_MOVES_READ = 50;

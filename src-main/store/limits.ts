/** Telemetry waits this long or for this many rows, whichever comes first, and is then written in one transaction. */
export const FLUSH_MS = 250;
export const FLUSH_ROWS = 500;
/** Rows kept in memory while the disk takes none; beyond it the oldest are dropped and counted. */
export const PENDING_ROWS = 50_000;
/** Opening includes the check of a telemetry file of years and its migration. */
export const OPEN_MS = 120_000;
/** Closing writes what is queued and checkpoints. */
export const CLOSE_MS = 10_000;
/** Daily copies of the ledger. */
export const BACKUPS_KEPT = 7;
/** Caps that keep telemetry within what a hobbyist's disk should give. */
export const EVENT_ROWS = 200_000;
export const EVIDENCE_ROWS = 500_000;
/** Single steps are kept so long; of older ones every tenth. */
export const STEP_DAYS = 90;
export const MAX_POINTS = 5_000;
export const MAX_LISTED = 1_000;

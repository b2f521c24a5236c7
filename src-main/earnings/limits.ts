/** Blocks that are replayed after a start: nodes keep about 256 blocks of state, less some room to read them. */
export const REPLAY_BLOCKS_MAX = 240;
/** The cursor is written after so many blocks without an epoch; a crash replays at most these. */
export const CURSOR_EVERY_BLOCKS = 20;
/** Epochs the page gets: two days of real epochs, a practice afternoon. */
export const EPOCHS_SHOWN = 48;
/** Pause before a block that could not be read is tried again. */
export const RETRY_MS = 2_000;
/** Rao of alpha that a stake may change by without anybody's doing: shares of a pool are rounded. */
export const ROUNDING_RAO = 10n;
/** Rows of the ledger that travel to a page as they were booked, a month of real epochs; older days are summed up. */
export const ENTRIES_WHOLE = 1_000;
/** Rows of a part of the ledger, for whoever wants all of it; the rest of a block comes with them. */
export const PART_ROWS = 1_000;
/** A coldkey's orders that are looked through for those that no block told of: the newest, of each journal. */
export const ORDERS_READ = 1_000;

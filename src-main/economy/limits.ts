/** How often a subnet's economy is looked at, and how far back. */

/** A look reads the chain for so long at most. */
export const LOOK_LIMIT_MS = 20_000;
/** Rules, own words and neighbours of a subnet are read again after so long: they change by somebody's hand. */
export const RULES_EVERY_MS = 120_000;
/** The block time is: it may change by the minute where a practice finds its pace. */
export const TIMED_EVERY_MS = 30_000;
/** And all subnets together, the largest answer of a chain. */
export const OTHERS_EVERY_MS = 600_000;
/** The block time is measured over so many blocks, in which a node still has its state. */
export const BLOCKS_TIMED = 100;
/** A block of the real chain, where the chain at hand does not say how long its own take. */
export const FIELD_BLOCK_MS = 12_000;
/** A chart shows so much: a quarter, as daily moves are told of. */
export const HISTORY_MS = 90 * 86_400_000;
export const HISTORY_POINTS = 400;
/** Returns of validators and the lowest price of a place are of so much. */
export const WEEK_MS = 7 * 86_400_000;
/** Stake moves are told of so much. */
export const MOVES_MS = 30 * 86_400_000;
/** Prices of before are asked for in lots, the first one small: a node that is no archive has none of them. */
export const BACKFILL_FIRST = 4;
export const BACKFILL_LOT = 16;
/** And so many at most: five days of real epochs. */
export const BACKFILL_MOST = 100;
/** Epochs of the day before that are looked at for returns and moves: each reads all places of the subnet. */
export const BACKFILL_EPOCHS = 24;
/** Writing one point reads the chain for so long at most. */
export const POINT_LIMIT_MS = 20_000;
/** The last picture of a subnet that sleeps with its run is written so often while somebody looks, and so large at most. */
export const PICTURE_EVERY_MS = 30_000;
export const PICTURE_CHARS_MAX = 4_194_304;
/** A network that nobody works on is let go so long after the last look. */
export const LOOKED_AT_MS = 60_000;
/** Weights of other validators change once in an epoch: read again after so long, of so many at most. */
export const WEIGHT_ROWS_EVERY_MS = 30_000;
export const OTHER_VALIDATORS_MAX = 64;
/** Whoever a validator has not checked in so many rounds is shown as never checked: each row of them is looked through. */
export const CHECKED_ROUNDS = 512;

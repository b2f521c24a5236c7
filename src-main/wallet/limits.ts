/** Waits of the wallet's readings. */

/** Balance and stake in the state of one block; the next block brings the next reading anyway. */
export const HOLDINGS_READ_LIMIT_MS = 20_000;

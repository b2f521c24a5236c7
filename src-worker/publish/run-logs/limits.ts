/** Bounds of run logs: what is told of a run to other programs. */

/** Longest record of an event file that is taken for one: a row has some twenty values. */
export const RECORD_BYTES_MOST = 1024 * 1024;
/** Event files are read and copied in pieces of this size; a piece is checked within some milliseconds. */
export const SCAN_BYTES = 1024 * 1024;
/** One request of Weights & Biases; their own client allows as much. */
export const WANDB_REQUEST_MS = 180_000;
/** Longest request, by their own client; a line is some hundred bytes. */
export const WANDB_REQUEST_BYTES_MOST = 10_383_360;
/** Longest answer that is read: a run's summary and configuration, with the tail of its lines. */
export const WANDB_ANSWER_BYTES_MOST = 16 * 1024 * 1024;
/** Targets open at once: two a run, and a computer has a handful of runs. */
export const TARGETS_MOST = 64;

/** What moves to another computer, all of it: keys and lists are small, and a ledger takes some megabytes a year. */
export const MOVE_BYTES_MAX = 64 * 1024 * 1024;
/** And so many files: a few for each run and each wallet. */
export const MOVE_FILES_MAX = 2_048;

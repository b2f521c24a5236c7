/** Bounds of published models that are looked at, fetched and tried. */

/** States of one store that are looked at, newest first. Each takes one request the first time, and none after that. */
export const MANIFESTS_KEPT = 128;
/** Whole models of one store that a page is told of: a view is one frame, and of 16 stores these are 256 kB. */
export const STATES_SHOWN = 32;
/** Stores that are looked at, the own and the announced ones included. */
export const SOURCES_MAX = 16;
/** Runs of which a curve is drawn, and points of each: a year of a state each few hours. */
export const LOSS_RUNS_MAX = 8;
export const LOSS_POINTS_MAX = 400;
/** Rounds of a run's own history that are asked for its losses. */
export const OWN_ROUNDS = 1_000;
/** A store that was looked at so lately is not asked again because a page was opened. */
export const LOOK_AGAIN_MS = 60_000;
/** Longest look at one store: its list, and some small files from a slow line. */
export const LOOK_LIMIT_MS = 600_000;
/** Downloads on one computer. */
export const DOWNLOADS_MAX = 64;
/** Of a disk this stays free beside a download, for what works there. */
export const FREE_BYTES_LEFT = 512 * 1024 * 1024;
/** Tokens that a downloaded model writes at most; its context may end before. */
export const PROMPT_TOKENS = 200;
/** Longest text of the largest model on a slow processor: some seconds a token. */
export const PROMPT_LIMIT_MS = 1_800_000;
/** A model that nobody asks anything stays in memory for so long: the next try begins at once. */
export const MODEL_IDLE_MS = 300_000;
/** Of the name of a run in that of a folder: with tag and separator far below the 255 bytes of file systems. */
export const EXPORT_NAME_CHARS_MAX = 64;

/** Waits of what every process shares. */

/** A child gives its own cleanup this long before it leaves anyway; the supervisor kills somewhat later. */
export const CLEANUP_LIMIT_MS = 4_000;
/** A service that does not stop by then is left behind, so that the rest still stops in order. */
export const SERVICE_STOP_MS = 15_000;
/** How often the awake clock looks whether it still runs; what is missed beyond a second look was sleep. */
export const AWAKE_LOOK_MS = 1_000;
/** Windows: a scanner that holds a new file lets go of it within this; until then its renaming is tried again. */
export const RENAME_RETRY_MS = 2_000;
/** Pause between two such tries. */
export const RENAME_PAUSE_MS = 50;
/** Files that are synced together; Node's threads for files are four. */
export const SYNCS_AT_ONCE = 8;
/** Longest small JSON file: the list of a run's rounds over many years; a longer one is none of ours. */
export const JSON_BYTES_MAX = 64 * 1024 * 1024;
/** Most that goes out at once under a pace. */
export const PACED_BYTES = 64 * 1024;
/** Least of that: less would be mostly headers of packets. */
export const PACED_BYTES_MIN = 1024;
/** A pace lets out this much time's worth at once, so that it is reached on a coarse timer. */
export const PACE_BURST_MS = 250;
/** Work in portions that is measured rather than counted: others have their turn after so much of it. */
export const PORTION_MS = 20;

/** Waits and periods of one run. */

/** A chain read or a child call made for the page or at the start of a run. */
export const RUN_READ_LIMIT_MS = 20_000;
/** A child whose host was killed lets go of its port within its own time for cleaning up, and a little more. */
export const PORT_FREE_LIMIT_MS = 5_000;
/** Meanwhile the port is tried this often. */
export const PORT_AGAIN_MS = 250;
/** A peer binding lives this long; the host signs a new one at each start and before half of it has passed. */
export const BINDING_LIFE_S = 30 * 24 * 3600;
/** A binding counts from a little before the chain's time at which it was signed: others may stand some blocks back. */
export const BINDING_EARLIER_S = 3600;
/** How often `swarm` hears the chain's time; between two of these the monotonic clock carries it on. */
export const CHAIN_TIME_EVERY_MS = 60_000;
/**
 * Of the heap of `swarm`: chunks lie in memory beside that heap until its next small collection, which comes when this is
 * full. Of four members behind 100 Mbit none held more than 294 MB in an exchange of 67 MB, 310 to 442 without it.
 */
export const SWARM_YOUNG_HALF_MIB = 4;
/** Traffic rates fade over this many one-second reports. */
export const RATE_AVERAGE_REPORTS = 5;
/** Whether a pause is over is looked at this often: clocks are set, and no timer can wait for months. */
export const PAUSE_LOOK_MS = 3_600_000;
/** A run that a silent chain keeps from beginning is begun again after this; doubles up to the longest. */
export const BEGIN_AGAIN_FIRST_MS = 5_000;
export const BEGIN_AGAIN_LONGEST_MS = 60_000;
/** A newer start of our hotkey that nobody has named for this long, while the chain brought blocks, is gone. */
export const ELSEWHERE_GONE_MS = 180_000;
/** Tokens that the run's model writes for the page, beside the words that it goes on from: two or three lines. */
export const SAMPLE_TOKENS = 60;
/** A text that nobody pressed a button for may cost this share of the time since the last one. */
export const SAMPLE_COST_SHARE = 0.01;
/** One of the largest model takes a minute of work, and ten with its rests beside training. */
export const SAMPLE_LIMIT_MS = 1_200_000;
/** A child takes a new share of its time at once; one that does not answer hears it at its next start. */
export const SHARE_CALL_MS = 10_000;

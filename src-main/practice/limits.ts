/** Waits of a practice, which stops whole hosts at once on a machine that may be slow. */

/** A companion stops its own children first, and each of them may take its own limit. */
export const COMPANION_CLEANUP_MS = 12_000;
/** The supervisor's patience with a companion: a little more than the companion's own. */
export const COMPANION_STOP_MS = 13_000;
/** All companions at once, in case one has to be killed. */
export const COMPANIONS_STOP_MS = 20_000;
/** The whole practice: own run, companions, chain, one after another. */
export const PRACTICE_STOP_MS = 60_000;
/** A word to a companion; it waits for the inner step in progress. */
export const COMPANION_CALL_MS = 30_000;
/** The chain's pace is looked at this often: a load is noticed within a few seconds. */
export const PACE_EVERY_MS = 2_000;
/** Until the first round everybody waits for blocks alone, to register and to say that they are there. */
export const SETUP_BLOCK_MS = 300;
/**
 * A practice that is gone on with has its chain wait for its people, at most this long: four hosts start at once, which
 * takes ten seconds on two cores.
 */
export const REUNION_MS = 45_000;
/** A word to the chain's process. */
export const CHAIN_CALL_LIMIT_MS = 15_000;
/** A step older than this says nothing of the load now: a trainer may rest for the rest of its round. */
export const STEP_OLD_MS = 30_000;

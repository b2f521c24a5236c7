/** A practice's first committed round, on a machine that others use too. */
export const FIRST_COMMIT_MS = 300_000;
/** One more committed round, some lost ones before it. */
export const ROUND_MS = 240_000;
/** All parts of a practice running, from its folder. */
export const START_MS = 120_000;

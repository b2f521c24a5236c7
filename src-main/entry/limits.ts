/** Waits of the programs' entries. */

/** One press of Ctrl+C may arrive twice, from the terminal and from npm; later than this it is a second press. */
export const SAME_PRESS_MS = 400;

/**
 * Writing or looking at a model: one of four gigabytes takes minutes on a slow disk, and its loss some more on a slow
 * processor. Who waits sees how far it is, and may press Ctrl+C.
 */
export const MODEL_CALL_LIMIT_MS = 3_600_000;

/** Passwords that were too short, or not the same twice, before it is given up. */
export const PASSWORD_TRIES = 5;

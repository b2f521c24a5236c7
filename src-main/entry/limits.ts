/** Waits of the programs' entries. */

/** One press of Ctrl+C may arrive twice, from the terminal and from npm; later than this it is a second press. */
export const SAME_PRESS_MS = 400;

/**
 * Writing or looking at a model: one of four gigabytes takes minutes on a slow disk, and its loss some more on a slow
 * processor. Who waits sees how far it is, and may press Ctrl+C.
 */
export const MODEL_CALL_LIMIT_MS = 3_600_000;

/** Passwords that were too short, not the same twice, or wrong, before it is given up: who mistypes has lost nothing. */
export const PASSWORD_TRIES = 5;
/** The self-test: a part that does not answer within this does not work. */
export const SELF_TEST_PART_MS = 60_000;
/** How often it looks whether the cards were found. */
export const CARDS_POLL_MS = 100;

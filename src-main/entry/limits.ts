/** Waits of the programs' entries. */

/** One press of Ctrl+C may arrive twice, from the terminal and from npm; later than this it is a second press. */
export const SAME_PRESS_MS = 400;

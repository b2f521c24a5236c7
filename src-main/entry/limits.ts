/** Waits of the programs' entries. */

/** One press of Ctrl+C may arrive twice, from the terminal and from npm; later than this it is a second press. */
export const SAME_PRESS_MS = 400;

/** Passwords that were too short, or not the same twice, before it is given up. */
export const PASSWORD_TRIES = 5;

/** Waits of the programs' entries. */

/** One press of Ctrl+C may arrive twice, from the terminal and from npm; later than this it is a second press. */
export const SAME_PRESS_MS = 400;

/** The file of a coldkey can be tried at leisure by who has copied it: a shorter password is none. */
export const PASSWORD_CHARS_MIN = 8;
/** Passwords that were too short, or not the same twice, before it is given up. */
export const PASSWORD_TRIES = 5;

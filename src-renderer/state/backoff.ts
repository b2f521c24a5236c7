const FIRST_MS = 500;
/** Somebody restarts the host by hand and looks at the page: waiting longer than this feels broken. */
const LONGEST_MS = 8_000;

/** Milliseconds to wait before attempt n (from 0) to reach the host again. */
export const backoffMs = (attempt: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 8));

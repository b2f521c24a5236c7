/** Waits of the bench of the desk. A figure that needs longer has failed. */

/** A host that serves its page, on a busy machine. */
export const SERVES_MS = 60_000;
/** A practice of which every process runs. */
export const PROCESSES_MS = 180_000;
/** What a host leaves behind ends by itself within seconds; what is still there then, stays. */
export const LEFT_MS = 30_000;
/** How often processes are counted. */
export const COUNT_EVERY_MS = 100;
/** What is waited for in a window: a button, a whole practice that comes up. */
export const WINDOW_MS = 90_000;
/** Committed rounds of a practice in a window, some lost ones between them. */
export const ROUNDS_MS = 300_000;
/** How often a host in a window is asked how far it is. */
export const ASK_EVERY_MS = 500;
/** A start in the tray: two rounds that commit, a minute that is measured, an end in order. */
export const IN_TRAY_MS = 900_000;

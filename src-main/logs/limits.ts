/** Bounds on reading the log. */

/** How often who follows the log looks whether there is more. */
export const FOLLOW_LOOK_MS = 250;
/** Read at a time. */
export const READ_BYTES = 262_144;
/** A line longer than this is cut, as the log itself cuts it. */
export const LINE_CHARS = 2_100;
/** Lines in one answer to the page. */
export const PAGE_LINES = 200;
/** Lines kept in memory for pages that follow; who asks for older ones has the file. */
export const RECENT_LINES = 1_000;
/** Of the log the newest so much goes into a support bundle. */
export const BUNDLE_LOG_BYTES = 2_097_152;
/** Files of the data folder that a support bundle names. */
export const BUNDLE_FILES = 2_000;
/** A part of a support bundle that is larger is left out, and it says so: people look it through. */
export const BUNDLE_PART_BYTES = 6_291_456;

/** Waits and sizes of updates. */

/** The list of releases: one release with its notes and a file for each system. */
export const FEED_BYTES_MAX = 65_536;
/** From asking for it to its last byte. */
export const FEED_LIMIT_MS = 20_000;
/** How often it is asked for; the first time some minutes after the start, when what matters more is under way. */
export const CHECK_EVERY_MS = 6 * 3_600_000;
export const CHECK_FIRST_MS = 180_000;
/** A download on which nothing comes for this long is given up. */
export const DOWNLOAD_SILENT_MS = 60_000;
/** And this is given to the whole of it: some hundred megabytes on a slow line. */
export const DOWNLOAD_LIMIT_MS = 4 * 3_600_000;
/** Largest file of a release that is taken. */
export const RELEASE_BYTES_MAX = 1_024 * 1_024 * 1_024;
/** Room on the disk beyond the file itself, or nothing is fetched. */
export const ROOM_BESIDE_BYTES = 256 * 1_024 * 1_024;
/** Characters of notes that are shown. */
export const NOTES_CHARS_MAX = 16_384;
/** How often the page hears how far a download is. */
export const TOLD_EVERY_BYTES = 1_048_576;
/** The app's own installer takes the file over within this. */
export const HAND_OVER_LIMIT_MS = 600_000;
/** “Tonight” is from this hour of the local clock on. */
export const TONIGHT_HOUR = 22;
/** Whether a release that was put off is due, or a check, is looked at this often: computers sleep. */
export const LOOK_EVERY_MS = 600_000;

/** Caps and waits of publishing. */

/** Longest that a request may take to begin its answer, its body once sent: stores put large files together then. */
export const ANSWER_LIMIT_MS = 120_000;
/** A transfer of which nothing came or went for this long is broken; the pace that the host sets does not count. */
export const STALLED_MS = 60_000;
/** Longest answer that is no file of a state: a list of a thousand names takes some 300 kB. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** What is read from a file, summed up and sent at a stretch: some milliseconds of work. */
export const CHUNK_BYTES = 1024 * 1024;
/** What goes out at once under a pace: at 64 kB a second, one each second. */
export const PACED_BYTES = 64 * 1024;
/** A pace lets out this much time's worth at once, so that it is reached on a coarse timer. */
export const PACE_BURST_MS = 250;
/** Events of progress of one job: four times a second is as fast as a bar is looked at. */
export const PROGRESS_EVERY_MS = 250;
/** Jobs under way at once; the host begins a few, and beyond this it loops. */
export const JOBS_MAX = 64;
/** States that a store may list; a run that keeps every one for a year comes to some thousands. */
export const STATES_MAX = 10_000;
/** What a test of a store writes and reads again. */
export const SAMPLE_BYTES = 1_000_000;
/** Room that stays free in a folder beside what is written: other programs live there too. */
export const FREE_BYTES_LEFT = 256 * 1024 * 1024;

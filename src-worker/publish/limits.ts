/** Caps and waits of publishing. */

/** Longest that a request may take to begin its answer, its body once sent: stores put large files together then. */
export const ANSWER_LIMIT_MS = 120_000;
/** A transfer of which nothing came or went for this long is broken; the pace that the host sets does not count. */
export const STALLED_MS = 60_000;
/** Longest answer that is no file of a state: a list of a thousand names takes some 300 kB. */
export const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** How often a transfer is looked at for having stalled. */
export const STALL_LOOK_MS = 1_000;
/** Longest text of a refusal that is read for what it says. */
export const REFUSAL_BYTES_MAX = 64 * 1024;
/** Tries of one request, or of one commit, that failed by the network or the other side. */
export const TRIES = 5;
/** Pause before the second of them; doubles with each. */
export const RETRY_FIRST_MS = 1_000;
/** Ceiling of that pause. */
export const RETRY_CEILING_MS = 60_000;
/** Times that a store may ask to be left alone within one job. */
export const ASKED_WAITS_MAX = 12;
/** What such a wait is where the store does not say for how long. */
export const ASKED_WAIT_MS = 60_000;
/** Longest wait that a store can make us take at once: quotas are counted by the hour at most. */
export const ASKED_WAIT_MAX_MS = 3_600_000;
/** Times that a commit is made anew because somebody else committed in between. */
export const REBASES_MAX = 5;
/** Longest file that is sent within a commit, and so in memory: the Hub's own rule is 10 MB. */
export const INLINE_BYTES_MAX = 10 * 1024 * 1024;
/** Part of a file in a bucket: the least that all providers take is 5 MB, and 10,000 of these are 160 GB. */
export const PART_BYTES = 16 * 1024 * 1024;
/** Parts on their way at once; each is in memory while it is. */
export const PARTS_AT_ONCE = 4;
/** Keys asked for in one list; a provider's own most. */
export const KEYS_AT_ONCE = 1_000;
/** Pages of one list: 160 full ones hold all that is looked at, and some providers hand out smaller ones. */
export const LIST_PAGES_MAX = 400;
/** What is read from a file, summed up and sent at a stretch: some milliseconds of work. */
export const CHUNK_BYTES = 1024 * 1024;
/** Events of progress of one job: four times a second is as fast as a bar is looked at. */
export const PROGRESS_EVERY_MS = 250;
/** Jobs under way at once; the host begins a few, and beyond this it loops. */
export const JOBS_MAX = 64;
/** What the Hub takes of one person that nobody else sees, as it says since 2024-12; more is paid for. */
export const HUB_PRIVATE_BYTES_MAX = 100_000_000_000;
/** The same of one who pays. */
export const HUB_PRIVATE_PRO_BYTES_MAX = 1_000_000_000_000;
/** What a test of a store writes and reads again. */
export const SAMPLE_BYTES = 1_000_000;
/** Room that stays free in a folder beside what is written: other programs live there too. */
export const FREE_BYTES_LEFT = 256 * 1024 * 1024;

/** Every cap and wait of training text, each with its reason. What peers agree on stands in docs/PROTOCOL.md. */

/** Requests to one origin at a time: enough to fill a line while a page is tokenised, and nobody is flooded. */
export const REQUESTS_AT_ONCE = 2;

/** First pause after a request that failed; it doubles up to the longest, and each is drawn from nothing to that. */
export const REQUEST_RETRY_FIRST_MS = 1_000;
export const REQUEST_RETRY_LONGEST_MS = 60_000;

/** Least of such a pause: a draw of nothing would ask again within the same fault. */
export const REQUEST_RETRY_LEAST_MS = 100;

/** Longest wait that an origin's own "come back later" is believed: its windows are five minutes. */
export const RATE_WAIT_LONGEST_MS = 3_600_000;

/** Drawn from nothing to this on top of that wait: everybody that was turned away comes back. */
export const RATE_JITTER_MS = 5_000;

/** Ways to files in storage that are remembered, a kilobyte each; another is asked for again. */
export const WAYS_REMEMBERED = 1_024;

/** Wrong answers to the same question, one after another, before they are told: a cut line gives one, a filter all. */
export const WRONG_ANSWERS_MOST = 3;

/** An answer begins within this. */
export const ANSWER_BEGINS_MS = 30_000;

/** And comes at least as fast as this from then on; a slower one is begun anew. */
export const ANSWER_LEAST_BYTES_PER_S = 16 * 1024;

/** Redirects of one file: to its place in storage, and before it to where a data set was renamed to. */
export const REDIRECTS_MOST = 5;

/** Longest page of a listing: a thousand entries of some hundred bytes. */
export const LISTING_PAGE_MAX_BYTES = 4 * 1024 * 1024;

/** Pages of one listing; a thousand entries each. */
export const LISTING_PAGES_MOST = 200;

/** Shards of a data set: the largest of the Hub have some tens of thousands. */
export const SHARDS_MOST = 100_000;

/** Read first of a shard's end: most footers fit, and what is too much of it costs little. */
export const FOOTER_TAIL_BYTES = 64 * 1024;

/** Longest footer: a thousand row groups of ten columns take 0.8 MB. */
export const FOOTER_MAX_BYTES = 64 * 1024 * 1024;

/** Largest text column of one row group, as it lies in the shard and unpacked: all of it is in memory at once. */
export const CHUNK_MAX_BYTES = 256 * 1024 * 1024;
export const TEXT_MAX_BYTES = 512 * 1024 * 1024;

/** Rows of one row group, and entries of its dictionary: twice what writers put in one, and a hundred bytes of memory each. */
export const ROWS_MOST = 2_097_152;

/** Tables of shards held in memory; the others lie on the disk. */
export const TABLES_IN_MEMORY = 64;

/** Pages without text one after another before that is told: a wrong column has no others. */
export const PAGES_WITHOUT_TEXT = 1_000;

/** Pages got ahead of the one that is trained on: one is in the making while another waits. */
export const PAGES_AHEAD = 3;

/** Pages held in memory, two megabytes each as a rule: the one in use, those ahead, and one that was just left. */
export const PAGES_HELD = PAGES_AHEAD + 2;

/** Largest page on the disk: as many tokens as its text can have at the very most. */
export const KEPT_PAGE_MAX_BYTES = 2 * TEXT_MAX_BYTES;

/** Text that is waited for so long is stood in for by what is here: shorter faults pass by themselves. */
export const OUTAGE_PATIENCE_MS = 60_000;

/** Training that waits for text says so after this; what is here already takes no time. */
export const TEXT_WAIT_TOLD_MS = 500;

/** The thread that makes pages is there within this: it loads its vocabulary and the held-out text. */
export const TEXT_THREAD_START_MS = 60_000;

/** Pause before that thread is begun again where it died; doubles with each that dies without an answer. */
export const TEXT_THREAD_AGAIN_MS = 1_000;

/** Threads that die so, one after the other, before text counts as broken: with the pauses a minute of them. */
export const TEXT_THREAD_DEATHS_MOST = 5;

/**
 * Heap of that thread, MiB: texts unpacked and their tokens as objects; beyond it the thread ends, not the process, and is
 * begun again. Buffers are not of the heap: those of one page are bounded by the longest chunk and what may come of it.
 */
export const TEXT_THREAD_MIB = 2_048;

/** Text that could not be had, for a fault that does not pass, is asked for again after this, or when a round opens. */
export const FAULTY_TEXT_PAUSE_MS = 30_000;

/** Files of a team's folder. */
export const FILES_MOST = 100_000;

/** What is read and hashed of a file at a stretch. */
export const HASHED_SLICE_BYTES = 4 * 1024 * 1024;

/** Longest line of JSON lines that is a document; a longer one is left out by everybody. */
export const LINE_MAX_BYTES = 16 * 1024 * 1024;

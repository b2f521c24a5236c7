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

/** Rows of one row group. */
export const ROWS_MOST = 16_777_216;

/** Tables of shards held in memory; the others lie on the disk. */
export const TABLES_IN_MEMORY = 64;

/** Pages without text one after another before that is told: a wrong column has no others. */
export const PAGES_WITHOUT_TEXT = 1_000;

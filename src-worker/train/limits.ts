/** Every cap and wait of the `train` process around its engine, each with its reason. */

/** A snapshot may cost this share of the time since the last one: 2 % of a practice second, or of 72 minutes. */
export const SNAPSHOT_COST_SHARE = 0.02;

/** And never come sooner than this after the last one, however cheap: disks wear, and 20 s of work are little. */
export const SNAPSHOT_LEAST_MS = 20_000;

/** First pause before a write that found the disk full is tried again; it doubles up to the longest. */
export const DISK_RETRY_FIRST_MS = 500;

/** Ceiling of that pause, and the pause after a snapshot that failed: soon enough for somebody who freed some room. */
export const DISK_RETRY_LONGEST_MS = 30_000;

/** The page shows a curve, not a stream: at most four step events a second cross the process border. */
export const STEP_EVENT_EVERY_MS = 250;

/** Interactive programs go first on a user's machine: 10 of 19 on the nice scale. */
export const ENGINE_PRIORITY = 10;

/** Inner steps over which the rate rises again when the moments start from zero. */
export const RATE_RAMP_STEPS = 20;

/**
 * So many steps in a row without a finite gradient mean that the local weights are spoilt: back to the base. Where
 * gradients flow in float16 a few may be skipped until the loss scale fits.
 */
export const NON_FINITE_STEPS = 10;

/**
 * A step under way when training is paused may end within this time; a longer one is dropped and taken again. Longer than
 * most steps, and as long as somebody waits for a computer to calm down.
 */
export const PAUSE_GRACE_MS = 2_000;

/** Steps of the start-up benchmark; their median stands in `ready`. The first, which compiles, is not counted. */
export const BENCHMARK_STEPS = 3;

/** A residue may hold this many median norms of the round; more would drown the next contribution. */
export const RESIDUE_MEDIANS = 3;

/** A delta is still of use on a base at most this many rounds newer than its own. */
export const DELTA_MAX_AGE_ROUNDS = 2;

/** Pages that one work record lists (its schema's bound). */
export const RECORD_PAGES = 4_096;

/** Memory that the program itself takes, without anything of a model: Node, its modules, a driver's library. */
export const PROCESS_BYTES = 256 * 2 ** 20;

/** Memory of the computer that training leaves to others when it is planned. */
export const RAM_KEPT_FREE_BYTES = 512 * 2 ** 20;

/** CURRENT names a handful of files. */
export const CURRENT_MAX_BYTES = 64 * 1024;

/** The header of a snapshot holds an open work record: 4,096 pages and 1,024 sketches of 128 numbers at most. */
export const SNAPSHOT_HEADER_MAX_BYTES = 8 * 1024 * 1024;

/** The contract's bound of a work record that travels. */
export const WORK_RECORD_MAX_BYTES = 1024 * 1024;

/** A prepared commit: four digests and one bit per chunk. */
export const PREPARED_MAX_BYTES = 256 * 1024;

/** One entry of an average manifest takes about 150 bytes; the rest is the frame. */
export const AVERAGE_MANIFEST_BYTES_PER_CHUNK = 512;
export const AVERAGE_MANIFEST_FRAME_BYTES = 4_096;

/** One entry of a contribution manifest is a digest in hex and an offset; the rest is the frame. */
export const CONTRIBUTION_MANIFEST_BYTES_PER_CHUNK = 96;

/** Files are hashed and written in slices, so that calls and heartbeats are answered in between. */
export const FILE_SLICE_BYTES = 4 * 1024 * 1024;

/** Pieces that a sealed file is hashed in: part of the format. As long as a slice, so that reading them copies nothing. */
export const SEAL_PIECE_BYTES = 4 * 1024 * 1024;

/** Pieces that wait for a thread or are being hashed: twice the four threads of Node's pool; each is a copy of its bytes. */
export const HASHES_AT_ONCE = 8;

/**
 * A file that is being written is synced each time it has grown by this much, beside the writing. The disk works from the
 * start then, and not only when all is written: systems wait for gigabytes or half a minute before they begin.
 */
export const EARLY_SYNC_BYTES = 32 * 1024 * 1024;

/**
 * Pages whose text stands for what nobody knew: one of them may be about what a miner's own are about. Of these four fewer
 * honest looks found no help than of one (decision 94), for as many tokens.
 */
export const RANDOM_PAGES = 4;

/** Held-out windows evaluated in one slice before training gets its turn again. */
export const EVALUATION_SLICE_WINDOWS = 4;

/**
 * A claimed page is looked for among so many draws from its place in the record on: repeated pages and pages without text
 * stand before it. A folder of ten pages repeats hundreds within a round; no honest record is further off.
 */
export const DRAWS_PASSED_OVER = 512;

/** Most held-out windows in one evaluation; the practice text has about 3,000. */
export const EVALUATION_MAX_WINDOWS = 4_096;

/** Rounds of which it is known on which base they opened, for recomputing first steps: the open one and the one before. */
export const REMEMBERED_OPENINGS = 2;

/**
 * Elements of a vector worked on in one go: about 20 ms of the slowest loop (encoding and decoding), a tenth of the
 * 200 ms that calls and heartbeats may wait, which leaves room for slower and busier machines.
 */
export const SLICE_ELEMENTS = 512 * 1024;

/** A sampled text is computed in slices of this: the engine's own work waits for one of them at most. */
export const SAMPLE_SLICE_MS = 5;

/** Share of the time that a sampled text may take of the process's thread: little beside training, half where it rests. */
export const SAMPLE_SHARE = { training: 0.1, resting: 0.5 } as const;

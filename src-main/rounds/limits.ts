/** Each wait of the round brain, with its reason. */

/** No finalized block for this long: five blocks of a 12 s chain. No new round opens until finality is back. */
export const FINALITY_SILENT_MS = 60_000;

/** Blocks that the best head may run ahead of finality beyond the profile's lag; above it finality has stalled. */
export const FINALITY_LAG_ALLOWED_BLOCKS = 20;

/** How often the machine looks at the clock on the wall; it does so for stalls only. */
export const TICK_EVERY_MS = 2_000;

/** Full nodes keep the state of this many blocks (chain.md); an outcome older than that cannot be read any more. */
export const STATE_KEPT_BLOCKS = 256;

/** By then every live witness has written a newer record after an outcome: half of what nodes keep. */
export const REWRITE_WITHIN_BLOCKS = 128;

/** One read of the chain; the client retries endpoints by itself within it. */
export const CHAIN_READ_LIMIT_MS = 20_000;

/** A call of `train` that reads or writes whole vectors: 1.1 B parameters at 100 MB/s from disk, twice. */
export const TRAIN_CALL_LIMIT_MS = 180_000;

/** A short word to `swarm`. */
export const SWARM_CALL_LIMIT_MS = 15_000;

/** A list of rounds: `swarm` waits 20 s for each peer, and may meet two rows of silent ones. */
export const LINEAGE_CALL_LIMIT_MS = 45_000;

/** Beyond the time of the exchange `swarm` has this long to write the average down. */
export const REDUCE_SLACK_MS = 30_000;

/** A list of 16,000 chunks is hashed and synced in a second; a disk that is full is waited for. */
export const COMPOSE_LIMIT_MS = 30_000;

/** What a member lacks of the results list: five in a hundred of 1.1 B in fp16 at 1 MB/s take two minutes. */
export const TAKE_RESULTS_LIMIT_MS = 180_000;

/** Rounds whose receipts tell how fast members are: enough for one bad evening not to decide, few enough to follow a new line. */
export const RATE_ROUNDS = 4;

/** A record is followed to its fate no longer than this; its mortality has ended it long before. */
export const RECORD_LIMIT_MS = 600_000;

/** A state of 9 GB at 5 MB/s; fetching resumes, so a limit that is met costs nothing but the wait. */
export const STATE_FETCH_LIMIT_MS = 1_800_000;

/** Stores of others that are asked for a state that no peer gives: each may take its time to say no. */
export const TOLD_STORES_MAX = 8;

/** A round waits this long for its judge, whose checks need the old base; after it they go unmeasured. */
export const JUDGE_LIMIT_MS = 20_000;

/** Hotkeys of a subnet, as the chain client reads them at most. */
export const MEMBERS_MAX = 4_096;

/** Registrations are rare: the list of members is read this often. */
export const MEMBERS_EVERY_MS = 2_000;

/** Where hotkeys answer by the chain changes when a computer moves: read this often, in one request. */
export const CHAIN_DIRECTORY_EVERY_MS = 600_000;

/** And where that failed, this soon again. */
export const CHAIN_DIRECTORY_AGAIN_MS = 60_000;

/** Summaries that the page shows. */
export const HISTORY_KEPT = 50;

/** An audit of 20 chunks of 64 contributors: 168 MB at 30 Mbit, and it ends earlier where the outcome block is near. */
export const AUDIT_LIMIT_MS = 60_000;

/** Blocks that a vote needs to be sent and included: an audit ends so many before the outcome block. */
export const VOTE_BLOCKS = 1;

/** Held-out measurements kept for pages that open later: more than a curve can show. */
export const HELD_OUT_KEPT = 512;

/** Held-out windows after each commit: 64 sequences tell 0.05 nats apart on the practice model. */
export const HELD_OUT_WINDOWS = 64;

/** How often the log hears how far a state is that is being loaded. */
export const PROGRESS_LOGGED_EVERY_MS = 10_000;

/** Rounds of which a witness remembers what it signed and wrote: a day of the shipped profiles' rounds, and more. */
export const WITNESS_ROUNDS_KEPT = 16;

/** Where more of those that are ready do harm by what a witness saw, it leaves nobody out: then it is the run that has learnt all there is. */
export const HARM_SHARE = 0.5;

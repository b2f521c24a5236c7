/** Every cap and timeout of the practice chain, each with its reason. */

/** Largest JSON-RPC frame taken: the biggest honest one asks for a page of 1,000 keys, 265 kB. */
export const MAX_FRAME_BYTES = 1024 * 1024;
/** Bytes of frames that wait for their turn; a client that sends more is not read until they are answered. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
/** Requests are answered for this long at a stretch; then timers and other sockets are heard. */
export const TURN_MS = 10;
/** Sockets at once: a practice run has a handful of hosts with two connections each. */
export const MAX_CONNECTIONS = 64;
/** When all places are taken, a client that waits for nothing keeps its place this long after its last word. */
export const QUIET_CLIENT_MS = 30_000;
/** Connections that have not become WebSockets yet; above it the oldest is cut off. */
export const MAX_KNOCKING = 64;
/** Time to send the headers of the upgrade; a client on the same machine needs milliseconds. */
export const UPGRADE_MS = 4_000;
/** Requests in one batch array, answered one by one in their order: a page of keys read one request for each. */
export const MAX_BATCH = 1_024;
/** Subscriptions of one socket; `@polkadot/api` holds three plus one per watched query or transaction. */
export const MAX_SUBSCRIPTIONS_PER_SOCKET = 512;
/** Subscriptions of all sockets: each costs about 20 us a block and 1 kB. */
export const MAX_SUBSCRIPTIONS = 4_096;
/** Storage keys watched by one socket and by all together: about 0.25 kB each, so 16 MiB at most. */
export const MAX_WATCHED_KEYS_PER_SOCKET = 16_384;
export const MAX_WATCHED_KEYS = 65_536;
/** Storage keys in one request or subscription: a full subnet of 256 uids with a few items each. */
export const MAX_KEYS_PER_REQUEST = 2_048;
/** Keys in one page of `state_getKeysPaged`; the same bound as a real node. */
export const MAX_PAGE_KEYS = 1_000;
/** Keys of `state_getKeys`, which has no pages: about 4 MB of answer. Above it the client has to ask by page. */
export const MAX_KEYS = 20_000;
/** Longest storage key or prefix in bytes: a triple map of accounts needs 32 + 48 + 48 + 2. */
export const MAX_KEY_BYTES = 256;
/** Bytes that may wait for a slow reader before its socket is cut. */
export const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
/** Time a closing server gives its sockets before it cuts them. */
export const CLOSE_GRACE_MS = 500;

/** Pulses of the chain's own beacon that one block signs, 6 ms each: 32 commits may come due together. */
export const MAX_PULSES_PER_BLOCK = 32;
/** Rounds whose pulses are kept, 3 s each: three days, more than any commit waits. */
export const KEPT_ROUNDS = 86_400n;
/** Old rounds that one block looks at to drop their pulses: above what a block of 12 s brings. */
export const MAX_PULSES_DROPPED = 64;
/** Commits that one block opens, 27 ms each; the others are opened in the next ones. */
export const MAX_REVEALS_PER_BLOCK = 16;

/** Longest extrinsic in bytes; a full set of 256 weights is about 1.2 kB. */
export const MAX_EXTRINSIC_BYTES = 64 * 1024;
/** How deep calls may hold calls (a batch in a batch): bounds the decoder's stack. */
export const MAX_CALL_DEPTH = 4;
/** Elements of one decoded vector: bounds allocation before the bytes are known to be there. */
export const MAX_VECTOR_LENGTH = 65_536;

/** Transactions that wait, in all and for one signer: verification costs 3.5 ms each, memory a few kB. */
export const MAX_POOL = 1_024;
export const MAX_POOL_PER_SIGNER = 64;
/** A transaction that waits for an earlier nonce is dropped after this many blocks. */
export const FUTURE_BLOCKS = 64;
/** User extrinsics of one block: keeps the slowest block well below a block time of 1 s. */
export const MAX_EXTRINSICS_PER_BLOCK = 512;

/** Bytes of the transactions of one block: three quarters of 5 MiB, as on the real chain. */
export const MAX_BLOCK_BYTES = 3_932_160;

/** Calls of one block, those in batches too: a batch of the most that one may hold, and some more. */
export const MAX_CALLS_PER_BLOCK = 16_384;

/** All TAO of a chain, in rao: half of 64 bits, so that no sum of the rules can leave them. */
export const MAX_ISSUANCE_RAO = 2n ** 63n;
/** Fundings that wait for the next block, which may be long where blocks are sealed on request. */
export const MAX_PENDING_FUNDINGS = 4_096;
/** A block that could not be built or kept is tried again after this long: long enough to free some room. */
export const SEAL_RETRY_MS = 1_000;

/** Blocks whose state, body and events stay readable: what a pruning node keeps by default. */
export const HISTORY_BLOCKS = 256;
/** Block hashes kept for mortal eras, as on the real chain. */
export const BLOCK_HASH_COUNT = 2_400;
/** Blocks of one journal segment: two segments together always hold a full history. */
export const SEGMENT_BLOCKS = HISTORY_BLOCKS;
/** Accounts whose Blake2 digest is remembered, so that keys are cheap to build. */
export const HASH_CACHE_ENTRIES = 4_096;

/** What a bad line on command keeps back at most: an hour of blocks for a handful of clients. */
export const MAX_HELD_FRAMES = 10_000;
/** The longest delay on command: longer ones are no line at all. */
export const DELAY_MAX_MS = 60_000;
/** Numbers below this are remembered as they stand in keys: all uids, and all netuids that there will be. */
export const NUMBER_CACHE_ENTRIES = 1_024;

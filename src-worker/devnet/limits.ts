/** Every cap and timeout of the practice chain, each with its reason. */

/** Largest JSON-RPC frame taken: the biggest honest one is a submitted extrinsic of 64 kB in hex. */
export const MAX_FRAME_BYTES = 256 * 1024;
/** Sockets at once: a practice run has a handful of hosts with two connections each. */
export const MAX_CONNECTIONS = 64;
/** Requests in one batch array; the clients we know send none. */
export const MAX_BATCH = 64;
/** Subscriptions of one socket; `@polkadot/api` holds three plus one per watched query or transaction. */
export const MAX_SUBSCRIPTIONS_PER_SOCKET = 512;
/** Storage keys in one request or subscription: a full subnet of 256 uids with a few items each. */
export const MAX_KEYS_PER_REQUEST = 2_048;
/** Keys in one page of `state_getKeysPaged`; the same bound as a real node. */
export const MAX_PAGE_KEYS = 1_000;
/** Longest storage key or prefix in bytes: a triple map of accounts needs 32 + 48 + 48 + 2. */
export const MAX_KEY_BYTES = 256;
/** Bytes that may wait for a slow reader before its socket is cut. */
export const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
/** Time a closing server gives its sockets before it cuts them. */
export const CLOSE_GRACE_MS = 500;

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

/** Blocks whose state, body and events stay readable: what a pruning node keeps by default. */
export const HISTORY_BLOCKS = 256;
/** Block hashes kept for mortal eras, as on the real chain. */
export const BLOCK_HASH_COUNT = 2_400;
/** Blocks of one journal file: two files together always hold a full history. */
export const SEGMENT_BLOCKS = HISTORY_BLOCKS;
/** Accounts whose Blake2 digest is remembered, so that keys are cheap to build. */
export const HASH_CACHE_ENTRIES = 4_096;

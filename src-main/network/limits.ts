/** Every wait and bound of the chain client, with its reason. */

/** An endpoint that has not finished the handshake and sent its metadata by then is not worth waiting for. */
export const CONNECT_LIMIT_MS = 20_000;
/** Of that, the handshake of the socket alone: a door that accepts and never answers is left for the next endpoint. */
export const HANDSHAKE_LIMIT_MS = 10_000;
/** What the first connection may take over all endpoints before start gives up. */
export const START_LIMIT_MS = 60_000;
/** A look at an endpoint that somebody types: longer, and the address is not worth waiting for. */
export const ASK_LIMIT_MS = 15_000;
/** A request that a node has not answered by then is lost. */
export const REQUEST_LIMIT_MS = 15_000;
/** One answer: the largest, metadata of a real chain, is 0.7 MB of hex; a block of events may be larger. */
export const ANSWER_BYTES_MAX = 32 * 1024 * 1024;
/** Answers about runtimes that are kept: two a runtime, of two endpoints before and after an upgrade; 0.7 MB each. */
export const METADATA_KEPT = 8;
/** Requests open on one socket; more means that the node stopped answering. */
export const REQUESTS_AT_ONCE_MAX = 1_024;
/** Notifications kept for subscriptions whose id has not arrived yet. */
export const EARLY_NOTIFICATIONS_MAX = 256;
/** And their bytes: a header is below 1 kB. */
export const EARLY_BYTES_MAX = 1024 * 1024;
/** Answers that fit no request and no subscription; a node that sends more is left. */
export const ODD_ANSWERS_MAX = 256;
/** Reads that travel in one frame: nodes take 64 and more, and what one read waits for the others stays short. */
export const BATCH_REQUESTS_MAX = 32;
/** Text of one such frame; a node takes 1 MiB and more. */
export const BATCH_BYTES_MAX = 256 * 1024;
/** Types of older runtimes that a session keeps: an upgrade comes every few weeks, and a fate is looked for over one. */
export const PAST_RUNTIMES_KEPT = 2;
/** A read waits this long for an endpoint to come back and then reports CHAIN_UNREACHABLE. */
export const READ_LIMIT_MS = 30_000;
/** First pause after a failed or lost connection; doubles up to the longest, so a dead node is not hammered. */
export const RECONNECT_FIRST_MS = 250;
export const RECONNECT_LONGEST_MS = 15_000;
/** An endpoint that says "too many" without saying until when is left alone this long: public ones count by the minute. */
export const BUSY_WAIT_MS = 60_000;
/** The longest that an endpoint's own word is heeded. */
export const BUSY_WAIT_MAX_MS = 600_000;
/** A host on a later endpoint looks this often whether an earlier one is back, and only where it had no fault for as long. */
export const RETURN_AFTER_MS = 300_000;
/** A chain that said nothing new for this long, or for four of its own blocks, is left: below the 60 s after which rounds wait. */
export const SILENCE_LIMIT_MS = 45_000;
/** The node is asked for a sign of life after one and a half blocks, but within these: one late block is no silence. */
export const ASK_LIFE_SHORTEST_MS = 5_000;
export const ASK_LIFE_LONGEST_MS = 18_000;
/** A node that does not answer such a question by then is deaf. */
export const LIFE_ANSWER_LIMIT_MS = 5_000;
/** How often silence is looked for. */
export const LIFE_LOOK_MS = 3_000;
/** Chains that stand still on every node: the limit grows to this many times its length. */
export const PATIENCE_MAX = 16;
/** Endpoints that are not followed are asked for a finalized block's hash this often, in turn. */
export const COMPARE_EVERY_MS = 600_000;
/** Endpoints that disagree are asked again this often. */
export const COMPARE_AGAIN_MS = 30_000;
/** An endpoint in a dispute that has said nothing for so long is gone, and its word with it. */
export const DISPUTE_SILENT_MS = 300_000;
/** Storage keys in one request; keeps answers near a few hundred kB. */
export const KEYS_PER_REQUEST = 500;
/** Neurons read at most: u16 uids bounded to what any subnet may hold today, sixteenfold. */
export const NEURONS_MAX = 4_096;
/** Subnets in one answer: 128 today; and what a coldkey holds, one row a hotkey and subnet. */
export const SUBNETS_MAX = 4_096;
export const STAKES_MAX = 65_536;
/** Sales simulated for one picture of an account, the largest stakes first: each is a question of its own. */
export const EXITS_MAX = 2_048;
/** Of these, so many are under way together: four frames. */
export const EXITS_AT_ONCE = 128;
/** Prices of past blocks in one question: what a chart shows. */
export const PRICES_MAX = 128;
/** Missed finalized blocks filled in one by one; beyond this (an hour of real blocks) state is pruned anyway. */
export const GAP_BLOCKS_MAX = 300;
/** Subnet snapshots kept by block: the newest, those of open transactions, a round's first block. */
export const SNAPSHOTS_KEPT = 8;
/** Block hashes asked for at once while filling a gap. */
export const GAP_REQUESTS_AT_ONCE = 16;

/** Blocks a transaction lives: minutes on a real chain, and the lookup after a lost socket ends with it. */
export const MORTAL_PERIOD_BLOCKS = 64;
/** The birth block may be this far behind the head where finality lags: a reorg below it costs only this transaction. */
export const ANCHOR_LAG_BLOCKS = 16;
/** No finalized block for this long while a transaction's fate is open: report "unknown" and let a person look. */
export const FATE_STALL_LIMIT_MS = 300_000;
/** Pause before a finalized block is asked for again after a failed read. */
export const FATE_RETRY_MS = 1_000;
/** A transaction is told as final when the client's own newest final block has caught up with it; seconds at most. */
export const CATCH_UP_LIMIT_MS = 15_000;
/** A signature is made in this process; longer means that the vault hangs. */
export const SIGN_LIMIT_MS = 10_000;
/** A call's payload: a full set_weights of 256 uids is 1.1 kB. */
export const PAYLOAD_BYTES_MAX = 65_536;

/** Epochs that weights may stay hidden: the chain's own bound. */
export const REVEAL_EPOCHS_MAX = 100;
/** Commits by hash that wait for one hotkey: the chain keeps ten. */
export const HASH_COMMITS_MAX = 64;
/** A beacon's public key on G2, compressed. */
export const BEACON_KEY_BYTES = 96;

/** Bytes one commitment field can hold (Data::Raw128). */
export const FIELD_BYTES_MAX = 128;
/** Fields in a commitment (MaxFields of the runtime). */
export const FIELDS_MAX = 3;
/** Longest field of what a subnet says of itself: the chain takes 1,024; a node that tells more is not believed. */
export const IDENTITY_FIELD_BYTES_MAX = 4_096;
/** Every write counts at least this many bytes of the epoch's space. */
export const COMMITMENT_BYTES_MIN = 100;
/** Decisions the commitment writer remembers: a witness decides once per round, so this covers far more than one epoch. */
export const DECISIONS_KEPT = 64;

/** This computer's clock is compared with a chain's this often, by the arrival of a head. */
export const CLOCK_LOOKED_MS = 30_000;
/** A read of a block's time. */
export const CLOCK_LIMIT_MS = 20_000;
/** A clock that differs by less is fine: a block may take a minute to come to a slow line. */
export const CLOCK_OFF_MS = 180_000;
/** So many heads have to agree that the clock is wrong, */
export const CLOCK_HEADS = 3;
/** within so much: a clock that is off is off for each of them alike. */
export const CLOCK_STEADY_MS = 60_000;

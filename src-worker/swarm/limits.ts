/** Every cap and patience of the swarm, with its reason. Times in ms, sizes in bytes. */

/** A connection that has shown no valid binding after this long is closed: strangers must not hold our slots. */
export const HELLO_LIMIT_MS = 5_000;
/** Greetings under way on one connection; a peer needs one, and one more when lists are compared meanwhile. */
export const HELLOS_AT_ONCE = 8;
/** Streams of one protocol on one connection: as many questions as a whole group of 64 may have. */
export const STREAMS_AT_ONCE = 64;
/** Binding, addresses and up to 64 peer records of about 1.3 KB. */
export const HELLO_MAX_BYTES = 131_072;
export const MAX_PEER_RECORDS = 64;
/** Records kept of peers that are not connected; a run has at most 256 hotkeys, each bound once. */
export const MAX_KNOWN_RECORDS = 512;
/** Records of hotkeys that are not registered (yet); a valid signature costs nothing, so there may be many. */
export const MAX_STRANGERS = 64;
export const MAX_ADDRESSES_PER_PEER = 8;
/** A home connection to the other side of the world needs about a second for TCP, TLS and yamux. */
export const DIAL_LIMIT_MS = 8_000;
/** First wait before a lost peer is dialled again; doubled up to the last one. */
export const REDIAL_FIRST_MS = 500;
export const REDIAL_LAST_MS = 30_000;
/** Peer lists are compared this often, which heals a mesh whose members joined through different doors. */
export const EXCHANGE_EVERY_MS = 10_000;
/** One group of 64 and some newcomers. */
export const MAX_CONNECTIONS = 192;
/** Companions of one machine all join from 127.0.0.1 within a second. */
export const INBOUND_PER_SECOND = 128;
/** A stream must be negotiated within this. */
export const OPEN_STREAM_LIMIT_MS = 5_000;
/** Bytes of one stream that wait unread before it is paused. */
export const READ_AHEAD_BYTES = 1_048_576;
/** yamux window at first and at most; both sides of a private network agree on it. At 200 ms it carries 20 MB/s. */
export const STREAM_WINDOW_BYTES = 4_194_304;
/** A paused stream still takes in what the window allowed; libp2p breaks it beyond this. */
export const MAX_UNREAD_BYTES = 16_777_216;

/** One batch of signed control messages. */
export const CONTROL_MAX_BYTES = 1_048_576;
export const MAX_ENVELOPES_PER_BATCH = 64;
export const CONTROL_LIMIT_MS = 5_000;
/** Of everything else the newest round is held; a validator reads receipts while the next round's come in already. */
export const RECEIPT_ROUNDS_HELD = 2;
/** Rounds around the current one of which messages are taken: peers see a block earlier or later than we do. */
export const ROUNDS_ASIDE = 1;
/** A signer may change its mind this often within a round; each change costs everybody a verification. */
export const MAX_CHANGES_PER_ROUND = 4;

/** Both sides of a reduce stream show life this often, or four times within the allowed silence if that is shorter. */
export const REDUCE_HEARTBEAT_MS = 500;
/** A member that has to open a stream tries again this often while its peer is away. */
export const REOPEN_EVERY_MS = 500;
/** Share of the hard deadline after which what is missing is asked of other members. */
export const GATHER_AT_SHARE = 0.8;
/** The page draws edges; more often is not seen. */
export const EDGES_EVERY_MS = 250;
export const TRAFFIC_EVERY_MS = 1_000;
/** Rounds whose results are still served to members who lack some. */
export const ROUNDS_KEPT = 2;
/** While the disk is full a write is tried again this often: a person who frees some room shall see it work. */
export const DISK_RETRY_MS = 1_000;
/** An average that finds no room is waited for this long beyond the exchange; then the round is lost to us. */
export const SEAL_LIMIT_MS = 15_000;
/** A stream to the butterfly says whose it is within this, or is closed; 16,000 digests of 1.1 B take a second. */
export const FIRST_FRAME_LIMIT_MS = 20_000;
/** Chunks asked for in one request. */
export const MAX_CHUNKS_PER_REQUEST = 256;

/** The contract's bound of a work record. */
export const WORK_MAX_BYTES = 1_048_576;
export const WORK_LIMIT_MS = 15_000;
/** The contract's bound of a published score list, in characters of up to three bytes. */
export const SCORES_MAX_BYTES = 3 * 262_144;
export const RECEIPT_LIMIT_MS = 3_000;
/** A sender signs a receipt whose bytes differ from its own count by this share at most. */
export const RECEIPT_TOLERANCE = 0.02;
/** More would let a validator's challenge take a home uplink for minutes. */
export const CHALLENGE_MAX_BYTES = 67_108_864;
export const CHALLENGE_SLICE_BYTES = 65_536;
/** A challenge may take its limit in each direction, and this for opening the stream and the echoes before. */
export const CHALLENGE_MARGIN_MS = 10_000;
/** Served at once; a challenge measures nothing when it shares the line with others. */
export const CHALLENGES_AT_ONCE = 1;

/** A list of committed rounds: about 170 bytes each, 90,000 rounds. */
export const LINEAGE_MAX_BYTES = 16_777_216;
export const LINEAGE_LIMIT_MS = 20_000;
/** One piece with its path: 1 MiB at 35 kB/s. */
export const PIECE_LIMIT_MS = 30_000;
/** Pieces asked of one donor at once: one on the way while one is checked. */
export const PIECES_PER_DONOR = 2;
/** A transfer without any donor waits this long for one to connect. */
export const NO_DONOR_LIMIT_MS = 20_000;
/** A donor that failed to answer rests this long before it is asked again. */
export const DONOR_REST_MS = 1_000;

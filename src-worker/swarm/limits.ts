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
/** The house is asked by multicast who is there; 10 s is what mDNS programs are used to. */
export const MDNS_EVERY_MS = 10_000;
/** An address in the house that was not told for six turns is left. */
export const MDNS_FORGET_MS = 60_000;
/** Addresses kept of what is shouted into the house; anybody there can shout. */
export const MAX_LAN_ADDRESSES = 32;
/** Of the addresses on chain so many are tried at a time, and after this long the next: a full subnet within 16 minutes. */
export const CHAIN_WINDOW_ADDRESSES = 32;
export const CHAIN_WINDOW_MS = 120_000;
/** A member's own record is left anew in the DHT this often: those who held it come and go. */
export const DHT_ANNOUNCE_EVERY_MS = 600_000;
/** Members of whom nobody here knows are looked for this often, so many at once, drawn anew each time. */
export const DHT_LOOK_EVERY_MS = 30_000;
export const DHT_LOOKS_AT_ONCE = 4;
/** One question to the DHT, over all whom it asks. */
export const DHT_GET_LIMIT_MS = 20_000;
/** Who gives a state says so again with each announcement; after three missed ones it is taken to give no more. */
export const DHT_PROVIDER_LIFE_MS = 1_800_000;
/** Of each peer: the state that it gives, and the one before. */
export const DHT_PROVIDED_PER_PEER = 2;
/** Addresses of donors that are tried at a time: some of each of the twenty that a search brings at most. */
export const DHT_DONOR_ADDRESSES_MAX = 32;
/** A state on its way looks for donors that it does not know this often. */
export const DHT_SEEK_EVERY_MS = 30_000;
/** Members nearest to a name, who hold what has it: Kademlia's own number, large enough for a fifth of them to leave at once. */
export const DHT_HOLDERS = 20;
/** A binding, a few addresses, a signature: about 800 bytes. */
export const DHT_RECORD_BYTES_MAX = 2_048;
/** Questions of the DHT under way on one connection. */
export const DHT_STREAMS_AT_ONCE = 8;
/** One group of 64 and some newcomers. */
export const MAX_CONNECTIONS = 192;
/** Companions of one machine all join from 127.0.0.1 within a second. */
export const INBOUND_PER_SECOND = 128;
/** A stream must be negotiated within this. */
export const OPEN_STREAM_LIMIT_MS = 5_000;
/**
 * What of a connection is handed to the system ahead of its line: it goes on sending while this process does something
 * else. Beyond it senders wait.
 */
export const SOCKET_AHEAD_BYTES = 2_097_152;
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
/** A connected peer that took no message is tried again after this, twice as long each time up to the last. */
export const DELIVER_AGAIN_FIRST_MS = 250;
export const DELIVER_AGAIN_LAST_MS = 4_000;
/** Of everything else the newest round is held; a validator reads receipts while the next round's come in already. */
export const RECEIPT_ROUNDS_HELD = 2;
/** Rounds around the current one of which messages are taken: peers see a block earlier or later than we do. */
export const ROUNDS_ASIDE = 1;
/** A word on a store: its address of at most 512 characters, each of which JSON may write as six, and the round. */
export const STORE_PAYLOAD_CHARS_MAX = 4_096;
/** Words on stores kept of signers whose binding has not come yet; a peer hands on bindings of as many others. */
export const MAX_UNBOUND = 64;
/** A signer may change its mind this often within a round; each change costs everybody a verification. */
export const MAX_CHANGES_PER_ROUND = 4;

/** Both sides of a reduce stream show life this often, or four times within the allowed silence if that is shorter. */
export const REDUCE_HEARTBEAT_MS = 500;
/** A member that has to open a stream tries again this often while its peer is away. */
export const REOPEN_EVERY_MS = 500;
/**
 * Chunks that may be open in a reducer's part beyond the first that is: half a megabyte of sum each. A sender that is
 * quicker than the others waits there; a path of 200 ms still carries 40 MB/s of fp16.
 */
export const WINDOW_CHUNKS = 64;
/** Results kept ready to be sent, of 131 kB each in fp16: members are told of a chunk within a few of each other. */
export const RESULT_FRAMES_KEPT = 32;
/**
 * Of what goes to one member, chunks and results, a sender remembers how long the last ones took: the slowest tells what
 * would come late.
 */
export const TRANSITS_KEPT = 8;
/** So long may what is sent wait before a path, by the receiver's clock: enough that it never runs dry, and no word is late. */
export const TRANSITS_QUEUE_MS = 200;
/** Under way to one member at most, whatever it says of its clock: what yamux lets through, and as much in buffers. */
export const TRANSITS_MOST_BYTES = 8_388_608;
/** Chunks and results under way to one member in any case: while one is on the line the next one is ready. */
export const TRANSITS_LEAST = 2;
/** By so many results of a reducer its standbys tell at what pace the others come. */
export const ANSWERS_REMEMBERED = 8;
/** The page draws edges; more often is not seen. */
export const EDGES_EVERY_MS = 250;
export const TRAFFIC_EVERY_MS = 1_000;
/** How connections stand, for the page; libp2p pings each every 10 s. */
export const LINKS_EVERY_MS = 5_000;
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
/** As many as a line of 8 Mbit takes in two seconds as fp16, before anything is known of it. */
export const CHUNKS_ASKED_FIRST = 16;
/** Of a donor so many are asked for at a time as come in this: what is on its way holds up all else on a narrow line. */
export const CHUNKS_ASKED_MS = 2_000;

/** One question for a results list: 735 kB at 1.1 B, over a slow line. */
export const LIST_LIMIT_MS = 20_000;
/** A peer asks for a list again when it restarts, or lost the answer; more is none of our uplink. */
export const LIST_ASKS_PER_PEER = 8;
/** Proposals of five witnesses in two rounds; a list of 1.1 B takes some 4 MB in memory. */
export const LISTS_IN_MEMORY = 10;
/** A list is asked of so many at a time, each next one only where none has come for so long: two silent ones cost seconds. */
export const LIST_ASKS_AT_ONCE = 3;
export const LIST_NEXT_AFTER_MS = 2_000;
/** Another witness's list is looked at no longer than one that counts is fetched; a lie may name what nobody has. */
export const LIST_JUDGE_LIMIT_MS = 180_000;
/** Results of a list that are not here are asked of one member after another; each may take this long. */
export const LIST_DONOR_LIMIT_MS = 60_000;

/** The contract's bound of a work record. */
export const WORK_MAX_BYTES = 1_048_576;
export const WORK_LIMIT_MS = 15_000;
/** The contract's bound of a published score list, in characters of up to three bytes. */
export const SCORES_MAX_BYTES = 3 * 262_144;
export const RECEIPT_LIMIT_MS = 3_000;
/** Who does not answer in that time is asked again for this long: some 10 MB of results may be before a line of 2 Mbit. */
export const RECEIPT_PATIENCE_MS = 60_000;
/** A sender signs a receipt whose bytes differ from its own count by this share at most, and its time from what can be. */
export const RECEIPT_TOLERANCE = 0.02;
/** Countersignatures whose check is remembered: of 64 members each of the others in three rounds. */
export const COUNTERSIGNATURES_REMEMBERED = 12_288;
/** More would let a validator's challenge take a home uplink for minutes. */
export const CHALLENGE_MAX_BYTES = 67_108_864;
export const CHALLENGE_SLICE_BYTES = 65_536;
/** A challenge may take its limit in each direction, and this for opening the stream and the echoes before. */
export const CHALLENGE_MARGIN_MS = 10_000;
/** Served at once; a challenge measures nothing when it shares the line with others. */
export const CHALLENGES_AT_ONCE = 1;

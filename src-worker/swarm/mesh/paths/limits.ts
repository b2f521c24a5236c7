/** Every cap and patience of the paths to peers behind routers, with its reason. Times in ms, sizes in bytes. */

/** Members that are asked at once whether we can be reached: one that lies or has no way out must not decide. */
export const DIAL_BACK_ASKED = 3;
/** One dial to a port of whoever asked: two seconds of a lost first packet, and what a handshake takes. */
export const DIAL_BACK_LIMIT_MS = 4_000;
/** Ports of one question: that of each family, and the one that a router gave. */
export const DIAL_BACK_PORTS_MAX = 3;
/** Dials under way for others. */
export const DIAL_BACKS_AT_ONCE = 4;
/** One asker is dialled again after this long: nobody is knocked at for somebody's pleasure. */
export const DIAL_BACK_AGAIN_MS = 5_000;
/** A whole question: its dials one after another. */
export const DIAL_BACK_QUESTION_MS = 15_000;
/** A new state of the mesh is looked at after this pause, so that a group that arrives is one look. */
export const REACH_SETTLE_MS = 300;
/** How long a finding counts before others are asked again: routers restart, and addresses of homes change. */
export const REACH_AGAIN_MS = 600_000;
/** The same where nobody outside could be asked, or none of those asked reached us. */
export const REACH_AGAIN_UNSURE_MS = 60_000;
/** Questions and answers of dial-backs, relays and punches. */
export const PATH_MESSAGE_BYTES_MAX = 1_024;

/** Relays that a node behind a router holds a place at: the second is there when the first goes. */
export const RELAYS_WANTED = 2;
/** A node that wants relays and has too few looks this often, besides when somebody comes or goes. */
export const RELAYS_LOOK_EVERY_MS = 5_000;
/** Members that one relay stands for. */
export const RELAY_PLACES_MAX = 32;
/** Relayed connections through one relay at once. */
export const CIRCUITS_MAX = 64;
/** Those of one member: a quarter, so that four can be served. */
export const CIRCUITS_OF_ONE_MAX = 16;
/** What one relayed connection carries both ways: a whole exchange of 124M in int8 between a pair, and no film. */
export const CIRCUIT_BYTES_MAX = 268_435_456;
/** How long one relayed connection lasts; who is still apart then dials anew. */
export const CIRCUIT_LIMIT_MS = 7_200_000;
/** A place at a relay, or the opening of a circuit through it. */
export const RELAY_ASK_LIMIT_MS = 5_000;
/** How long direct addresses are tried before a relay is asked too (RFC 8305 has 250 ms for the same). */
export const RELAY_HEAD_START_MS = 250;
/** Relayed connections are looked at this often: those that a direct one has replaced, and those to be tried again. */
export const RELAYED_LOOK_EVERY_MS = 10_000;

/** Both sides of a pair knock at each other's router this long before they stay relayed. */
export const PUNCH_LIMIT_MS = 8_000;
/** A pair that stayed apart tries again after this, so often: a busy computer is late, and a router forgets. */
export const PUNCH_RETRY_MS = 20_000;
export const PUNCH_TRIES = 3;
/** A router that answers "nobody here" is knocked at again after this. */
export const PUNCH_AGAIN_MS = 100;
/** Punches under way; each holds one local port. */
export const PUNCHES_AT_ONCE = 8;

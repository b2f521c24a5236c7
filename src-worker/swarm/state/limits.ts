/** Every cap and patience of states on their way from peer to peer, with its reason. Times in ms, sizes in bytes. */

/** A list of committed rounds: about 170 bytes each, 90,000 rounds. */
export const LINEAGE_MAX_BYTES = 16_777_216;
export const LINEAGE_LIMIT_MS = 20_000;
/** So many are asked for one at a time, each next one only where none has come for so long: 96 MiB in memory at most. */
export const LINEAGE_ASKS_AT_ONCE = 6;
export const LINEAGE_NEXT_AFTER_MS = 1_000;
/** The longest of so many lists is taken: one peer may be behind, or lie. */
export const LINEAGES_COMPARED = 4;
/** Once one list is here the others have this long: who keeps silent holds it up no longer. */
export const LINEAGE_LONGER_MS = 2_000;
/** One piece: 1 MiB at 35 kB/s. */
export const PIECE_LIMIT_MS = 30_000;
/** Pieces asked of one donor at once, at first: one on the way while one is checked. */
export const PIECES_AT_FIRST = 2;
/** The same of the fastest: 8 MiB on the way are 80 MB/s at 100 ms, and the memory of a slow machine bears it. */
export const PIECES_AT_MOST = 8;
/** As much is asked ahead of a donor as it gives in this time: several round trips of any line. */
export const ASKED_AHEAD_MS = 1_000;
/** Copies of one piece on their way at the end of a transfer: two donors may stall with it. */
export const COPIES_AT_END = 3;
/** What a piece is taken to last with a donor that has given none yet, when it might help out with another's. */
export const FIRST_PIECE_MS = 2_500;
/** How often a transfer looks whether somebody could help out, or may be asked again. */
export const TRANSFER_LOOK_MS = 250;
/** A transfer that nobody gives anything waits this long for a donor to come. */
export const NO_DONOR_LIMIT_MS = 20_000;
/** Donors that say "later" or let bytes drip hold a transfer so long: a donor averages, or sums its state up, in less. */
export const NOTHING_CAME_LIMIT_MS = 600_000;
/** An extent that a store does not bring in this time others bring too: 16 MiB at 13 Mbit/s. */
export const EXTENT_PATIENCE_MS = 10_000;
/** A donor that failed, or has nothing, rests this long before it is asked again; doubled each time up to the last. */
export const DONOR_REST_MS = 1_000;
export const DONOR_REST_LAST_MS = 30_000;
/** Donors that are asked for the list of pieces at once: the first answer is enough, and one may be slow. */
export const MANIFESTS_AT_ONCE = 2;
/** Over this time a rate is taken that a person reads. */
export const RATE_OVER_MS = 10_000;

/** A roster of 64 members has some 35,000 characters, and an envelope takes no longer one. */
export const ROSTER_MAX_BYTES = 65_536;
/** It is short: who takes longer is passed over. */
export const ROSTER_LIMIT_MS = 5_000;
/** So many are asked for one at a time: 192 that keep silent are through within three minutes. */
export const ROSTER_ASKS_AT_ONCE = 6;
/** Who averages answers later: everybody is asked so often, with a rest in between, about as long as an exchange lasts. */
export const ROSTER_TURNS = 60;
/** Of the last rounds, by which others follow a commit. */
export const ROSTERS_IN_MEMORY = 4;
/** What was averaged in the last rounds: 4 MB each at 1.1 B. */
export const AVERAGE_MANIFESTS_IN_MEMORY = 2;

/** Of its uplink a donor gives this share: the rest is for rounds. */
export const GIVEN_SHARE = 0.25;
/** Rounds whose receipts tell the uplink; the best counts, for one may have waited for slow receivers. */
export const UPLINK_ROUNDS = 8;
/** Pieces that one receiver may have asked for at once; what it asks beyond that is for later. */
export const PIECES_PER_RECEIVER = 8;
/** Pieces in memory for all receivers together. */
export const PIECES_GIVEN_AT_ONCE = 32;
/** Who would have to wait longer than this for its turn is told to come later: it may have other donors. */
export const GIVING_QUEUE_MS = 10_000;
/** A donor sums up its state when first asked; who has waited this long is told to come later. */
export const LISTING_WAIT_MS = 5_000;

/** Who gave a judge no answer is asked again so often, for it may have just restarted. */
export const ANSWER_TRIES = 3;
/** The pause before that, and before somebody who said "later" is asked again. */
export const ANSWER_PAUSE_MS = 1_000;
/** So long a member may keep a judge waiting in one look: it sums up gigabytes in less, and for longer nobody is busy. */
export const KEPT_WAITING_MS = 60_000;
/** A whole contribution at a quarter of the slowest uplink that carries it in an exchange of 10 minutes takes 32; others wait too. */
export const CONTRIBUTION_LIMIT_MS = 3_600_000;

/** Caps and waits of publishing in the host. */

/** Longest that one upload may take: 5 GB at 70 kB a second; what came of it by then is kept, and gone on with. */
export const UPLOAD_LIMIT_MS = 86_400_000;
/** Longest that files of a state are made: some gigabytes from a slow disk to itself. */
export const PREPARE_LIMIT_MS = 1_800_000;
/** Longest that a person waits for a trial of a place: a megabyte both ways, and patience with a network that fails. */
export const TRIAL_LIMIT_MS = 120_000;
/** Longest that a person waits until a store has a profile: some kilobytes, and minutes for which it asks to be left alone. */
export const PROFILE_PUT_LIMIT_MS = 1_800_000;
/** A short call to the process that publishes. */
export const PUBLISH_CALL_LIMIT_MS = 60_000;
/** Longest that files of a state may take to come: 5 GB at 700 kB a second; what came by then is gone on with. */
export const DOWNLOAD_LIMIT_MS = 7_200_000;
/** From a contribution until its average is there: a kilobyte a quarter of a second. Stores end a request of which nothing comes for 20 s. */
export const HELD_BYTES_PER_SECOND = 4_096;
/** Longest that one answer about what a store has is waited for where others may have the state too. */
export const STORE_LOOK_LIMIT_MS = 120_000;
/** States of one store that are looked at for one that fits, newest first. */
export const STATES_LOOKED_AT = 64;
/** List of committed rounds with a state: about 170 bytes each, as peers give it. */
export const LINEAGE_BYTES_MAX = 16_777_216;
/** Of all files of weights together, what their headers may take. */
export const HEADERS_BYTES_MAX = 64 * 1024 * 1024;
/** Uploads that wait for their turn; of one run a newer one takes the place of an older one that has not begun. */
export const ORDERS_MAX = 64;
/** Uploads that people are shown. */
export const UPLOADS_SHOWN = 8;
/** What fills the sentence of a failed upload, as JSON: a path of 4,096 bytes, an address and a reason. */
export const REASON_CHARS_MAX = 8_192;
/** Things that fill one such sentence; the catalogue's fullest has fewer. */
export const REASON_PARAMS_MAX = 16;
/** Over which it is told what they sent: a day, as tariffs and people count. */
export const UPLOADS_SPAN_MS = 86_400_000;
/** Points of the loss in a model card. */
export const CARD_POINTS = 200;
/** Rounds of which the steps are remembered until they are published. */
export const STEPS_KEPT = 8;
/** Extents that one store is asked for at once: one is on its way while the other is asked. */
export const EXTENTS_AT_ONCE = 2;
/** A store that nothing is wanted of for now asks again after this long: others may have failed meanwhile. */
export const CLAIM_AGAIN_MS = 500;
/** Such looks before a store is let go: half a minute in which no peer and no store told what the pieces are. */
export const NO_LIST_LOOKS = 60;
/** Digests of the pieces of a state: 32 bytes a piece of 1 MiB, so of states of 512 GB. */
export const PIECES_BYTES_MAX = 16_777_216;

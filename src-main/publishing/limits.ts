/** Caps and waits of publishing in the host. */

/** Longest that one upload may take: 5 GB at 70 kB a second; what came of it by then is kept, and gone on with. */
export const UPLOAD_LIMIT_MS = 86_400_000;
/** Longest that files of a state are made: some gigabytes from a slow disk to itself. */
export const PREPARE_LIMIT_MS = 1_800_000;
/** A short call to the process that publishes. */
export const PUBLISH_CALL_LIMIT_MS = 60_000;
/** Uploads that wait for their turn; of one run a newer one takes the place of an older one that has not begun. */
export const ORDERS_MAX = 64;
/** Points of the loss in a model card. */
export const CARD_POINTS = 200;
/** Rounds of which the steps are remembered until they are published. */
export const STEPS_KEPT = 8;

/** Waits of run logs: what is told of a run to other programs. */

/** Rows go to Weights & Biases this often at most, as from their own client. */
export const WANDB_EVERY_MS = 15_000;
/** Without a row it says that it lives every second time, which is every thirty seconds, as that client does. */
export const WANDB_QUIET_TURNS = 1;
/** Rows go into event files this often: TensorBoard looks every thirty seconds, a person sooner. */
export const TENSORBOARD_EVERY_MS = 5_000;
/** While rows of days are waiting, the next ones go after this. */
export const CATCH_UP_MS = 1_000;
/** What failed for a while is tried again after this, doubling up to the longest. */
export const TELL_AGAIN_MS = 2_000;
export const TELL_AGAIN_LONGEST_MS = 60_000;
/** What a person has to mend is tried again after this, and at once when a setting or a key changes. */
export const TELL_HELD_AGAIN_MS = 600_000;
/** A service that asks to be left alone is, for so long at most. */
export const LEFT_ALONE_LONGEST_MS = 600_000;
/** Failures in a row after which a person is told that a service is away: some fifteen seconds. */
export const AWAY_FAILURES = 3;
/** A call of the child: a request of its own limit, and what it waits for before. */
export const TELL_LIMIT_MS = 900_000;
/** What is left at the end of a run is told within this; what is not stays for its next start. */
export const LAST_WORDS_MS = 3_000;
/** Until the key of an account was tried. */
export const KEY_TEST_LIMIT_MS = 30_000;

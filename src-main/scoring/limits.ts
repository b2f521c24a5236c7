/** Each wait of the validator's scoring, with its reason. */

/** A work record is at most 1 MiB. */
export const FETCH_WORK_LIMIT_MS = 10_000;

/** Ten micro-batches of a large model on a slow card. */
export const RECOMPUTE_LIMIT_MS = 120_000;

/** Bytes moved each way in a challenge; the time is scaled to the profile's 8 MiB. */
export const CHALLENGE_BYTES = 1_048_576;

/** Beyond the limit of both directions: what `swarm` allows for stream and echoes (10 s), and its answer to us. */
export const CHALLENGE_SLACK_MS = 15_000;

/** A rate holds for this many rounds: challenges are traffic that trains nobody. */
export const CHALLENGE_EVERY_ROUNDS = 4;

/** Scores and receipts are short messages. */
export const SWARM_CALL_LIMIT_MS = 15_000;

/** One read of the chain. */
export const CHAIN_READ_LIMIT_MS = 20_000;

/** A weights call is followed to its fate no longer than this. */
export const WEIGHTS_LIMIT_MS = 180_000;

/** The chain forgets validators that stay silent for thousands of blocks; unchanged weights are repeated well before. */
export const WEIGHTS_REFRESH_BLOCKS = 1_000;

/** A miner asks for its scores this long after a round settled: by then the validator has scored it. */
export const SCORES_ASKED_AFTER_MS = 2_000;

/** Challenges may keep the validator longer: asked this often until newer cards are there. */
export const SCORES_ASKED_TIMES = 4;

/** Weights under a time lock take some tens of milliseconds; a thread that starts on a busy machine takes longer. */
export const SEAL_LIMIT_MS = 30_000;

/** So close to the end of an epoch a commit would be included in the next one, for which its lock does not fit. */
export const COMMIT_BORDER_BLOCKS = 3;

/** After a commit that failed on its way the next attempt waits 1, 2, 4, then this many blocks. */
export const COMMIT_RETRY_BLOCKS = 8;

/** Commits remembered until they are told, and as many others: the chain keeps ten of one hotkey. */
export const HIDDEN_WEIGHTS_KEPT = 10;

/** Length of a salt in u16s: 128 bits cannot be guessed. */
export const SALT_NUMBERS = 8;

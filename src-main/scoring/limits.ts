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

/** An average this low weighs nothing beside others: whoever left the subnet with it, or came down to it, is forgotten. */
export const FORGOTTEN_BELOW = 0.001;

/** Checks of so many rounds carry weights: a validator that slept longer looks anew before it says anything. */
export const EVIDENCE_ROUNDS = 4;

/** Validators that a miner asks for its scores after a round: those beyond weigh little in what it earns. */
export const SCORES_ASKED_OF = 8;

/** Signed cards that a miner keeps of each validator, to compare rounds and to show them to others; 0.25 MB each at most. */
export const CARDS_KEPT_ROUNDS = 4;

/** A member that keeps a judge waiting is silent an hour and a minute after it was asked; beyond it `swarm` itself hangs. */
export const FETCH_CONTRIBUTION_LIMIT_MS = 3_720_000;

/** `swarm` waits a minute for a piece of a state, and may have to sum up its own first. */
export const CHECK_STATE_LIMIT_MS = 120_000;

/** Two stretches through a large model on a slow card, and its weights into place twice. */
export const EFFECT_LIMIT_MS = 300_000;

/** Contributions fetched for one round: 16 of 124 M parameters in fp16. What would go beyond waits for its next turn. */
export const LOOK_BYTES_PER_ROUND = 4 * 1024 ** 3;

/** Silences in a row that cost nothing: a computer that is away for one round in five is so in 1 of 125. */
export const SILENCES_FORGIVEN = 2;

/** Of a hotkey so many newest looks tell whether it does harm: two of them that do keep it out until the first is past. */
export const HARM_LOOKS = 8;

/** Hotkeys whose draws are kept: a full subnet, and as many that have gone. */
export const HOTKEYS_KEPT = 512;

/** Bounds of making a wallet in the signing window. */

/** Words asked for, and among how many each is chosen: guessing passes one time in 216. */
export const QUIZ_PLACES = 3;
export const QUIZ_CHOICES = 6;
/** Wrong answers before the words are to be looked at again. */
export const QUIZ_TRIES = 2;
/** Words that were made or opened are forgotten after so long without a sign of the person: they are shown once more for the password. */
export const WORDS_KEPT_MS = 1_800_000;

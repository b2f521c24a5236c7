/** Bounds of contributions that are handed over whole, to be looked at, with their reasons. Times in ms. */

/** One question: a digest and a chunk. */
export const CONTRIBUTION_QUESTION_BYTES_MAX = 256;
/** Chunks of one answer: a megabyte of fp16, so that what a round interrupts is little. */
export const CHUNKS_PER_ANSWER = 8;
/** One answer: a megabyte at 17 kB/s, for it goes at a share of the uplink. */
export const ANSWER_LIMIT_MS = 60_000;
/** Copies given to one witness in a round: it may have started anew in the midst of the first. */
export const COPIES_PER_WITNESS = 2;
/** Copies given in a round to all members without weight together: validators that are no witnesses, and whoever poses as one. */
export const COPIES_TO_OTHERS = 4;

/** Bounds of audits over the network, with their reasons. Times in ms. */

/** Rosters by which inputs are given and proofs upheld: those of the rounds whose contributions still lie here. */
export const ROSTERS_KEPT = 4;
/** Of our contributions those of the newest rounds are held open for who asks: one that `train` has removed gives its room back. */
export const INPUTS_OPEN = 2;
/** One question: a digest, a round and a chunk. */
export const AUDIT_QUESTION_BYTES_MAX = 256;
/** An encoded chunk of 128 KiB at 50 kB/s, which is a slow line with other things to do. */
export const INPUT_LIMIT_MS = 5_000;
/** Chunks looked at together; 64 contributors of 128 KiB each make 33 MB of inputs in memory. */
export const CHUNKS_AT_ONCE = 4;
/** Inputs given to one witness in a round: twice what it draws, for it may have started anew. */
export const INPUTS_PER_WITNESS = 40;
/** Inputs given in a round to all other members together: they may look for themselves, at a bounded price. */
export const INPUTS_TO_MEMBERS = 40;
/** A proof of 8 MB at 100 kB/s. */
export const PROOF_LIMIT_MS = 90_000;
/** A proof that nobody gives just now is asked for so many times, with this pause: who has it gives it to two at once. */
export const PROOF_TRIES = 6;
export const PROOF_PAUSE_MS = 5_000;
/** Proofs under way to others at once, one to each: a fraud is rare, and an uplink has a round to carry. */
export const PROOFS_GIVEN_AT_ONCE = 4;
/** Times that one asker is given a proof: its line may have broken once. Who only wants to hold others off has no more. */
export const PROOF_GIVEN_TO_ONE = 2;
/** Accusations of one witness that wait to be looked at: one word of 16, and one that came before it was through. */
export const ACCUSATIONS_WAITING = 32;
/** An audit waits so long for its proofs to be on the disk; a full disk takes no witness's word. */
export const PROOF_WRITE_MS = 5_000;
/** Proofs kept on disk, the newest of each accused: 8 MB each at 64 contributors, 1 MB at 8. */
export const PROOFS_KEPT = 64;

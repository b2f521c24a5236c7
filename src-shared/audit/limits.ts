/** Bounds of audits, with their reasons. */

/**
 * Chunks that one auditor looks at in a round. Who altered a share f of its chunks is found with 1 - (1 - f)^20 by each
 * witness: 88 % of a tenth, 64 % of a twentieth. With 16 contributors in fp16 that is 42 MB for the auditor and 2.6 MB
 * for each of them.
 */
export const AUDIT_CHUNKS = 20;
/** Siblings in a path: a grid of 2^32 chunks has no more. */
export const PATH_MAX = 32;

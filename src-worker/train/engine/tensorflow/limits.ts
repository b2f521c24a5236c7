/**
 * Multiply-adds of one pass forward that are handed over in one go. TensorFlow's calls return when they are done, and
 * with the way back a stretch takes six to eight times as many operations: 0.1 s at 150 GFLOP/s.
 */
export const STRETCH_MULTIPLY_ADDS = 2_000_000_000;

/** Rows of one stretch at least: below it, adding up a weight's gradient costs more than the rows bring. */
export const STRETCH_LEAST_ROWS = 128;

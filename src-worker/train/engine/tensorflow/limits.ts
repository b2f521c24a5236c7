/**
 * Multiply-adds of one pass forward that are handed over in one go, for each thread. TensorFlow's calls return when they
 * are done, and with the way back a stretch takes six to eight times as many operations: 0.15 s at 50 GFLOP/s a thread.
 */
export const STRETCH_MULTIPLY_ADDS = 1_000_000_000;

/** The same on a graphics card: 0.1 s at 4 TFLOP/s. */
export const CARD_STRETCH_MULTIPLY_ADDS = 50_000_000_000;

/** Rows of one stretch at least: below it, adding up a weight's gradient costs more than the rows bring. */
export const STRETCH_LEAST_ROWS = 128;

/** The shortest rest of a throttled engine: timers are exact to about a millisecond. */
export const REST_LEAST_MS = 10;

/** Elements that go through the optimiser in one go: TensorFlow's calls cost as much as twenty thousand of them. */
export const BLOCK_ELEMENTS = 4_000_000;

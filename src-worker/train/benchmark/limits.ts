/** Tokens of the pilot's sequence: enough for a processor or a slow card to work as it does on long ones. */
export const PILOT_TOKENS = 128;
/** Share of the time that may go by before the whole model is trained on; else it is reckoned. */
export const WHOLE_MODEL_SHARE = 0.6;
/** Micro-batches of the whole model that are timed at most. */
export const TIMED_MICRO_BATCHES = 5;
/** A pilot's pass takes at most this share of the time, or the device is too slow. */
export const PILOT_SHARE = 0.5;
/** Weights are filled so many at a time. */
export const FILL_ELEMENTS = 1_048_576;

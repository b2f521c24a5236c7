/** Tokens of the pilot's sequence: enough for a processor or a slow card to work as it does on long ones. */
export const PILOT_TOKENS = 128;
/** Share of the time that may go by before the whole model is trained on; else it is reckoned. */
export const WHOLE_MODEL_SHARE = 0.6;
/** Steps of the whole model, or micro-batches, are timed for so long: some of a small model's take as long as one. */
export const TIMED_MS = 3_000;
/** And no fewer than so many, where there is time. */
export const TIMED_LEAST = 3;
/** A pilot's pass takes at most this share of the time, or the device is too slow. */
export const PILOT_SHARE = 0.5;
/** By so much at least two layers take longer than one, or something else worked beside and nothing can be reckoned. */
export const LAYER_LEAST = 0.01;
/** Weights are filled so many at a time. */
export const FILL_ELEMENTS = 1_048_576;
/** Share of the time left in which the fastest tiles of a card may be looked for; what is found is kept for the next. */
export const TUNED_SHARE = 0.25;

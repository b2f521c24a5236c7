/** Caps of reading and writing models for other programs. */

/** Longest config.json; those in use have one or two kilobytes. */
export const CONFIG_BYTES_MAX = 64 * 1024;

/** Longest tokenizer.json; GPT-2's takes 3.5 MB when it is written with spaces. */
export const TOKENIZER_BYTES_MAX = 4 * 1024 * 1024;

/** Keys and values of a tokenizer.json: GPT-2's has 250,000, and they are parsed in one go. */
export const TOKENIZER_PARTS_MAX = 262_144;

/** Looks at a run's state before there is none: a round may commit between reading its name and opening it. */
export const STATE_LOOKS = 4;

/** Windows of held-out text that an inspected model is measured on: as many as a run's own base. */
export const INSPECTED_WINDOWS = 64;

/** Largest model that is measured on the processor: a window of the largest then takes some seconds. */
export const EVALUATED_PARAMETERS_MAX = 150_000_000;

/** How often whoever reads along hears of a text that is being written. */
export const WRITTEN_EVERY_MS = 150;

/** From the start of a survey to the list of cards: drivers are loaded, and the inventory of Windows takes seconds. */
export const SURVEY_LIST_MS = 60_000;
/** One card's answer; a driver that hangs is ended then. */
export const SURVEY_PROBE_MS = 20_000;
/** Between asking the process of a survey to end, ending it, and killing it: it holds nothing that could be lost. */
export const SURVEY_STOP_MS = 500;
/** All profiles of a benchmark together: what a person waits for. */
export const BENCHMARK_MS = 120_000;
/** Of its part of that a profile may use so much; a driver that does not answer by the end of the rest is ended. */
export const BENCHMARK_USED_SHARE = 0.8;
/** From the start of a measuring process to its device: drivers, and the check of a card against the processor. */
export const BENCHMARK_OPEN_MS = 60_000;
/** Memory of a card that training leaves free: a window more, a video, another screen. */
export const KEPT_FREE_BYTES = 512 * 2 ** 20;

/** From the start of a survey to the list of cards: drivers are loaded, and the inventory of Windows takes seconds. */
export const SURVEY_LIST_MS = 60_000;
/** One card's answer; a driver that hangs is ended then. */
export const SURVEY_PROBE_MS = 20_000;
/** Between asking the process of a survey to end, ending it, and killing it: it holds nothing that could be lost. */
export const SURVEY_STOP_MS = 500;
/** All profiles of a benchmark together: what a person waits for. */
export const BENCHMARK_MS = 120_000;
/** A profile's own share ends by itself; a driver that does not answer then is ended so much later. */
export const BENCHMARK_GRACE_MS = 15_000;
/** From the start of a measuring process to its device: drivers, and the check of a card against the processor. */
export const BENCHMARK_OPEN_MS = 60_000;

/** From the start of a survey to the list of cards: drivers are loaded, and the inventory of Windows takes seconds. */
export const SURVEY_LIST_MS = 60_000;
/** One card's answer; a driver that hangs is ended then. */
export const SURVEY_PROBE_MS = 20_000;
/** Between asking the process of a survey to end, ending it, and killing it: it holds nothing that could be lost. */
export const SURVEY_STOP_MS = 500;

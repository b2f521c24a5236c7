/** Waits and widths of the house rules' own eyes. */

/** Whoever asks is looked at so often while a run works or a page is open. */
export const HOUSE_EVERY_MS = 5_000;
/** A tool of the system is asked at most so often: each is a process of its own. */
export const DESK_TOOL_EVERY_MS = 10_000;
/** It answers within so long, or is killed. */
export const DESK_TOOL_MS = 4_000;
/** Text of one answer: a line a process. */
export const DESK_TOOL_TEXT_MAX = 1_048_576;
/** Processes that are looked at; more than any desktop has. */
export const PROCESSES_MAX = 8_192;
/** Processes that are looked at at once: file reads of Node share four threads with all else. */
export const PROCESSES_AT_ONCE = 16;
/** Steps from a process up to the one that began it all. */
export const ANCESTORS_MAX = 32;
/** Sources of power that a computer shows. */
export const SUPPLIES_MAX = 64;
/** A sleep that was announced and whose end nobody told is over once this process worked for so long. */
export const SUSPENDED_AT_MOST_MS = 60_000;

/** Namespaces of one network: a bridge knows 1,024 ports, and no figure wants more than a group and its store. */
export const PLACES_MAX = 72;
/** One command of iproute2: some milliseconds, on the busiest of machines. */
export const COMMAND_LIMIT_MS = 20_000;
/** Longest that a process in a place may take to do one thing it is asked for: an exchange and what goes before. */
export const CALL_LIMIT_MS = 300_000;
/** Longest that a queue before a narrow line holds what waits, as cheap routers have it. */
export const QUEUE_MS = 50;
/** What goes at once before the line's rate holds: some frames of 64 kB, less and the rate is not reached. */
export const BURST_BYTES = 65_536;
/** Between two looks at what came over the lines: a line that holds something back lets some of it through in that time. */
export const REST_LOOK_MS = 250;
/** Pings, signs of life and lists of peers of a whole group; the narrowest line of a figure carries 50 kB/s. */
export const REST_BYTES_PER_S = 16_384;
/** Of what waits before a narrow line; more than some 10 MB is handed to no connection. */
export const REST_LIMIT_MS = 120_000;

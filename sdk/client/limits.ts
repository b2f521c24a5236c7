/** Waits of the client. */

/** A host of this computer takes a connection in milliseconds; a busy one gets so long. */
export const CONNECT_MS = 10_000;
/** As long as the page waits for a call: to start over, a whole practice has to stop first. */
export const CALL_MS = 90_000;

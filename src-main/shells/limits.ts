/** Bounds on what a page may do to the host. */

/** A page asks a handful of things at a time; more in flight means a loop. */
export const CALLS_IN_FLIGHT = 64;
/** Open pages served at once; the oldest gives way. */
export const OPEN_PAGES = 16;
/** Session keys remembered: tabs of one run of the host. */
export const SESSION_KEYS = 64;
/** Bytes waiting for a page that does not read; beyond it the page is let go and may come back. */
export const UNREAD_BYTES = 8 * 1024 * 1024;
/** A request's headers come at once on loopback. */
export const HEADERS_MS = 5_000;
export const HTTP_CONNECTIONS = 128;
/** After "stopping" was sent, before sockets are cut. */
export const PAGE_GOODBYE_MS = 500;
/** The program that opens the browser reports failure within this, or is taken to have worked. */
export const BROWSER_OPEN_MS = 3_000;

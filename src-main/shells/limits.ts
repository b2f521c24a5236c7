/** Bounds on what a page may do to the host. */

/** A page asks a handful of things at a time; more in flight means a loop. */
export const CALLS_IN_FLIGHT = 64;
/** Open pages served at once; the oldest gives way. */
export const OPEN_PAGES = 16;
/** Session keys remembered: tabs of this browser and of the ones before. */
export const SESSION_KEYS = 64;
/** A page that was connected may come back this long after it was last seen, over a restart of the host too. */
export const SESSION_KEPT_MS = 24 * 60 * 60 * 1_000;
/** A key of an earlier run is replaced when it comes, and holds this long beside the new one: tabs may share it. */
export const KEY_OVERLAP_MS = 10 * 60 * 1_000;
/** How often the kept keys of connected pages get their time anew. */
export const KEYS_SEEN_EVERY_MS = 60 * 60 * 1_000;
/** The address of the signing window is opened at once by the page that asked for it. */
export const SIGNING_TOKEN_MS = 60_000;
/** Ports of pages: below those that systems hand out by themselves, so that nothing sits there by chance. */
export const PAGE_PORT_FIRST = 21_000;
export const PAGE_PORTS = 11_000;
/** Ports tried in a row before any free one is taken. */
export const PAGE_PORTS_TRIED = 16;
/** The redirect file is tried again after this pause while the disk takes none. */
export const REDIRECT_RETRY_MS = 2_000;
/** Bytes waiting for a page that does not read; beyond it the page is let go and may come back. */
export const UNREAD_BYTES = 8 * 1024 * 1024;
/** A request's headers come at once on loopback. */
export const HEADERS_MS = 5_000;
/** How often connections are looked through for those beyond it; Node would do it every 30 s. */
export const HEADERS_CHECK_MS = 1_000;
/** A connection on which nothing moves for this long is closed. */
export const HTTP_SILENT_MS = 5_000;
/** A whole file of the page is on its way for this long at most, however slowly it is read. */
export const ANSWER_MS = 30_000;
/** A refused upgrade may take this long to be flushed; then it is cut. */
export const REFUSAL_MS = 1_000;
export const HTTP_CONNECTIONS = 128;
/** Who collects metrics: one program, now and then, and a person who looks. */
export const METRICS_CONNECTIONS = 8;
/** After "stopping" was sent, before sockets are cut. */
export const PAGE_GOODBYE_MS = 500;
/** The program that opens the browser reports failure within this, or is taken to have worked. */
export const BROWSER_OPEN_MS = 3_000;
/** Who asks a running host from a terminal: one question a connection, a handful at a time. */
export const CONTROL_CONNECTIONS = 8;
/** A question is one short line. */
export const CONTROL_LINE_BYTES = 1_024;
/** It comes at once, and its answer is read at once. */
export const CONTROL_SILENT_MS = 5_000;
/** An answer lists some runs. */
export const CONTROL_ANSWER_BYTES = 65_536;
/** Peers in one answer, of all runs together: four subnets' size. */
export const CONTROL_PEERS_MAX = 1_024;
/** An answer that lists them: up to 400 bytes each, and a few more around. */
export const CONTROL_PEERS_BYTES = 524_288;
/** What a support bundle is told of the view; the answer around it may take a few more. */
export const CONTROL_VIEW_CHARS = 262_144;
/** A pause or a look takes milliseconds; a machine that is busy gets so long. */
export const CONTROL_ANSWER_MS = 20_000;
/** A host that stops saves its state and ends its processes; longer than this it hangs. */
export const CONTROL_STOP_MS = 120_000;
/** Longest path of a socket that every system takes. */
export const SOCKET_PATH_BYTES = 100;

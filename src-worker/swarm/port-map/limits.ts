/** Every cap and patience of asking the router for a port, with its reason. Times in ms, sizes in bytes. */

/** Routers answer a search at once; one that sleeps answers the next. */
export const SSDP_WAIT_MS = 2_000;
/** Once one has answered the others have this long. */
export const SSDP_MORE_MS = 200;
/** Devices that answer the search and are looked at: a house has one router, or two behind each other. */
export const ROUTERS_MAX = 4;
/** One datagram of an answer; longer ones are none. */
export const SSDP_BYTES_MAX = 2_048;
/** One question to the router over HTTP. */
export const ROUTER_LIMIT_MS = 5_000;
/** A description of a router, or its answer: some kilobytes each. */
export const ROUTER_BYTES_MAX = 131_072;
/** For how long the router opens the port, in seconds; a computer that dies leaves nothing behind for longer. */
export const LEASE_S = 3_600;
/** The mapping is asked for again at half of that. */
export const RENEW_EVERY_MS = 1_800_000;
/** Where no router helped: one may have been switched on, or told to allow it. */
export const LOOK_AGAIN_MS = 600_000;
/** Outer ports that are tried where another computer of the house has ours already. */
export const PORT_TRIES = 4;
/** NAT-PMP (RFC 6886) asks again after 250 ms, then twice as long each time. */
export const PMP_FIRST_MS = 250;
/** Four questions are two seconds and a half; a router in the house answers the first. */
export const PMP_TRIES = 4;
/** Taking the mapping back at the end: the router forgets it by itself otherwise. */
export const UNMAP_LIMIT_MS = 2_000;

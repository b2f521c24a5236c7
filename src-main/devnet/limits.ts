/** Waits of a chain that is run for others to join. */

/** A call to the chain's process or a read of the chain, both on this machine. */
export const DEVNET_CALL_LIMIT_MS = 20_000;

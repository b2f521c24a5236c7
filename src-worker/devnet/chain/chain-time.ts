/** Where a block's time of day comes from. */
export interface Clocks {
  /** Unix ms; may be set forward or back at any moment. */
  wallMs(): number;
  /** Ms that only ever rise. */
  monotonicMs(): number;
}

export const machineClocks: Clocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/**
 * The time that a block states. It follows the wall clock, but never back: while that one lies behind, chain time goes
 * on at half the pace of real time, so that what peers measure by it keeps moving and the two meet again.
 * @param elapsedMs real time since the block before
 */
export function nextTimeMs(lastMs: number, elapsedMs: number, wallMs: number): number {
  return Math.max(wallMs, lastMs + Math.max(1, Math.floor(elapsedMs / 2)));
}

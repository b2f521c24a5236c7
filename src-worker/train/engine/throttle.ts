/**
 * How hard an engine may work, as a share of its time: above 0, at most 1. Engines look at it before each slice, so it
 * may be changed at any moment; it changes no numbers.
 */
export interface Throttle {
  share: number;
}

/**
 * How hard an engine may work, as a share of its time: above 0, at most 1. Engines look at it before each slice, so it
 * may be changed at any moment; it changes no numbers.
 */
export interface Throttle {
  share: number;
}

/** As hard as it can. */
export const unthrottled: Throttle = { share: 1 };

/** What a throttled engine rests after so much work, both in ms. */
export const restMs = (workedMs: number, { share }: Throttle): number => (workedMs * (1 - share)) / share;

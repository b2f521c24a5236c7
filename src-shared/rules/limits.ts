/** Patience of the house rules: pure rules, but with times and widths of their own. */

/** A card that got too hot works again when it is so much cooler. */
export const COOLER_CELSIUS = 5;
/** What ended is over once it stays so for this long: a film that changes its window, a plug that is loose. */
export const OVER_AFTER_MS = 10_000;
/** A card that cooled off rests this long besides: a small cooler heats up within seconds. */
export const COOL_FOR_MS = 60_000;
/** A rest whose signal nobody tells any more ends after this: a rule that knows nothing must not hold for ever. */
export const UNTOLD_LAPSE_MS = 300_000;
/** Hours and prices change on quarters of an hour at most, in every zone that there is. */
export const QUARTER_MS = 900_000;
/** How far ahead the end of a rest is looked for: a week, and the hour by which a clock may be changed. */
export const AHEAD_MS = 8 * 86_400_000;

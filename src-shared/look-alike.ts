import type { Ss58 } from './units.ts';

/** So many letters at either end are what people compare, and what a forger can afford to match. */
const ENDS = 4;

/**
 * A known address that this one could be taken for: the same at both ends, another account in between. Such addresses
 * are made to be copied from a list of past transactions.
 * @returns null where there is none
 */
export function lookAlikeOf(address: Ss58, known: Iterable<Ss58>): Ss58 | null {
  const ends = (one: Ss58) => one.slice(0, ENDS) + one.slice(-ENDS);
  for (const one of known) if (one !== address && ends(one) === ends(address)) return one;
  return null;
}

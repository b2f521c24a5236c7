import { RAO_PER_TAO, type Rao, rao } from './units.ts';

/** Numbers as people type them, by one rule for command line, page and settings, whatever the language. */

/** The most that the chain's 64 bits hold. */
export const MOST_RAO: Rao = rao(2n ** 64n - 1n);

/**
 * An amount in TAO as rao: digits with at most one point and nine places behind it. Nothing is rounded and nothing
 * guessed: "1,000" is one or a thousand, by who reads it.
 * @returns null when the text is none
 */
export function parseTao(text: string): Rao | null {
  const [, whole, fraction = ''] = /^(\d{1,20})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (whole === undefined) return null;
  const amount = BigInt(whole) * RAO_PER_TAO + BigInt(fraction.padEnd(9, '0'));
  return amount <= MOST_RAO ? rao(amount) : null;
}

/** A number of a setting, written in the same way: no exponent, no sign, no other base. @returns null when it is none */
export const parseNumber = (text: string): number | null =>
  /^\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : null;

import { DAY_HOURS, spanOf } from './hours.ts';

/** What a kilowatt hour costs in each hour of a day, in the currency that its user thinks in. */
export type DayPrices = readonly number[];

/** A line of each hour, and some. */
export const PRICES_TEXT_MAX = 1_024;
const PRICE = /^-?\d{1,4}(?:\.\d{1,4})?$/;

/**
 * Reads "22-6 0.18; 6-22 0.34": hours from and up to with their price, which may be below zero. Every hour has one.
 * @returns null for anything else; no prices at all for nothing written
 */
export function parsePrices(text: string): DayPrices | null {
  if (text.length > PRICES_TEXT_MAX) return null;
  if (text.trim() === '') return [];
  const prices = Array<number | null>(DAY_HOURS).fill(null);
  for (const part of text.split(';')) {
    const [hours = '', price = '', ...more] = part.trim().split(/\s+/);
    const span = spanOf(hours);
    if (!span || !PRICE.test(price) || more.length > 0) return null;
    for (let hour = span.from; hour < span.to; hour++) {
      if (prices[hour % DAY_HOURS] !== null) return null;
      prices[hour % DAY_HOURS] = Number(price);
    }
  }
  return prices.every((price) => price !== null) ? prices : null;
}

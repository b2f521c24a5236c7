import { CARD_MEMORY_MAX, CELSIUS_MAX, WATTS_MAX } from './limits.ts';

/** What sensors say, at the door: a number in its unit, or null. Unknown is never zero. Pure. */

const plausible = (value: number, most: number): number | null =>
  Number.isFinite(value) && value >= 0 && value <= most ? value : null;

/** A decimal number as tools print them; null for anything else, "[N/A]" among it. */
export const decimal = (text: string): number | null =>
  /^\d{1,12}(?:\.\d{1,6})?$/.test(text) ? Number(text) : null;

const map = (value: number | null, factor: number, most: number): number | null =>
  value === null ? null : plausible(value * factor, most);

export const asWatts = (value: number | null, factor = 1): number | null => map(value, factor, WATTS_MAX);
export const asCelsius = (value: number | null, factor = 1): number | null => map(value, factor, CELSIUS_MAX);
export const asBytes = (value: number | null, factor = 1): number | null =>
  map(value, factor, CARD_MEMORY_MAX);
/** @param full the value that stands for all of it */
export const asShare = (value: number | null, full: number | null): number | null =>
  value === null || full === null || full <= 0 ? null : plausible(value / full, 1);

/** A whole number in a file of its own, as the kernel writes it; null for anything else. */
export function counted(text: string): bigint | null {
  return /^\d{1,20}\n?$/.test(text) ? BigInt(text.trim()) : null;
}

/** The same where it is small. */
export function number(text: string | null): number | null {
  const found = text === null ? null : counted(text);
  return found === null ? null : Number(found);
}

/** A counter of energy at a time of a clock that never goes back. */
export interface EnergyMark {
  readonly microjoules: bigint;
  readonly atMs: number;
}

/**
 * Watts between two readings of a counter of microjoules.
 * @param wrapsAt where it begins anew; null: nobody says
 * @returns null where no time passed, or it went back and nobody says by how much
 */
export function wattsBetween(before: EnergyMark, after: EnergyMark, wrapsAt: bigint | null): number | null {
  const ms = after.atMs - before.atMs;
  let used = after.microjoules - before.microjoules;
  if (used < 0n && wrapsAt !== null) used += wrapsAt + 1n;
  return ms <= 0 || used < 0n ? null : plausible(Number(used) / 1e3 / ms, WATTS_MAX);
}

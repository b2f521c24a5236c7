import { POWER_SOURCES_MAX, POWER_TEXT_MAX, POWER_WATTS_MAX } from '../limits.ts';

/** What sensors say, at the door: a number of watts or joules, or null. Unknown is never zero. Pure. */

const plausible = (watts: number): number | null =>
  Number.isFinite(watts) && watts >= 0 && watts <= POWER_WATTS_MAX ? watts : null;

/**
 * `nvidia-smi --query-gpu=power.draw --format=csv,noheader,nounits`: a line a card, "61.25", "[N/A]", or a sentence.
 * @returns the watts of all cards that say theirs; null where none does
 */
export function nvidiaWatts(text: string): number | null {
  if (text.length > POWER_TEXT_MAX) return null;
  const lines = text.split(/\r?\n/).slice(0, POWER_SOURCES_MAX);
  const told = lines.flatMap((line) => {
    const watts = /^\s*\d{1,5}(?:\.\d{1,6})?\s*$/.test(line) ? plausible(Number(line)) : null;
    return watts === null ? [] : [watts];
  });
  return told.length === 0 ? null : plausible(told.reduce((sum, watts) => sum + watts, 0));
}

/** A whole number in a file of its own, as the kernel writes it; null for anything else. */
export function counted(text: string): bigint | null {
  return /^\d{1,20}\n?$/.test(text) ? BigInt(text.trim()) : null;
}

/** `power1_average` and `power1_input` are microwatts. */
export function hwmonWatts(text: string): number | null {
  const micro = counted(text);
  return micro === null ? null : plausible(Number(micro) / 1e6);
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
  return ms <= 0 || used < 0n ? null : plausible(Number(used) / 1e3 / ms);
}

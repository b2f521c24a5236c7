import { DAY_HOURS, WEEK_HOURS } from './hours.ts';
import { AHEAD_MS, QUARTER_MS } from './limits.ts';

/** The hour of the week at a Unix time in milliseconds, Monday's first being 0, on some clock on the wall. */
export type WallHour = (ms: number) => number;

/** By the zone that this computer is set to. */
export const localHour: WallHour = (ms) => {
  const date = new Date(ms);
  return ((date.getDay() + 6) % 7) * DAY_HOURS + date.getHours();
};

/**
 * The first quarter of an hour after `fromMs` in whose hour the test has another answer than now. Stepping through real
 * time, it minds every change of a clock: an hour that is left out, or told twice.
 * @returns null where that never happens within a week
 */
export function nextChange(
  fromMs: number,
  wallHour: WallHour,
  holds: (hour: number) => boolean,
): number | null {
  const now = holds(wallHour(fromMs));
  const first = (Math.floor(fromMs / QUARTER_MS) + 1) * QUARTER_MS;
  for (let ms = first; ms <= fromMs + AHEAD_MS; ms += QUARTER_MS) if (holds(wallHour(ms)) !== now) return ms;
  return null;
}

/** The hour of the day of an hour of the week. */
export const hourOfDay = (hour: number): number => (hour % WEEK_HOURS) % DAY_HOURS;

import {
  DAY_HOURS,
  formatHours,
  parseHours,
  WEEK_HOURS,
  type WeekHours,
} from '../../src-shared/rules/hours.ts';

/** The picture of a week: seven rows of 24 hours, by their number from Monday's first. Pure. */

export const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** The hours of a day, by number. */
export const hoursOf = (day: number): readonly number[] =>
  Array.from({ length: DAY_HOURS }, (_, hour) => day * DAY_HOURS + hour);

/** The week with some hours painted over. */
export const painted = (week: WeekHours, hours: readonly number[], works: boolean): WeekHours =>
  week.map((before, hour) => (hours.includes(hour) ? works : before));

/** A whole day over: on where any hour of it was off. */
export function toggledDay(week: WeekHours, day: number): WeekHours {
  const hours = hoursOf(day);
  return painted(week, hours, !hours.every((hour) => week[hour]));
}

/** Where a key leads from an hour; null: it leads nowhere. */
export function hourAfterKey(key: string, hour: number): number | null {
  const inDay = hour % DAY_HOURS;
  const step: Readonly<Record<string, number>> = {
    ArrowRight: inDay < DAY_HOURS - 1 ? 1 : 0,
    ArrowLeft: inDay > 0 ? -1 : 0,
    ArrowDown: hour + DAY_HOURS < WEEK_HOURS ? DAY_HOURS : 0,
    ArrowUp: hour >= DAY_HOURS ? -DAY_HOURS : 0,
    Home: -inDay,
    End: DAY_HOURS - 1 - inDay,
  };
  const by = step[key];
  return by === undefined ? null : hour + by;
}

/** Weeks that many people want, as the settings write them. */
export const presets = [
  { label: 'hours.always', text: '' },
  { label: 'hours.nights', text: 'Mon-Sun 22-6' },
  { label: 'hours.nightsAndWeekends', text: 'Mon-Fri 22-6; Sat-Sun 0-24' },
].map(({ label, text }) => ({
  label: label as 'hours.always' | 'hours.nights' | 'hours.nightsAndWeekends',
  text: formatHours(parseHours(text) ?? []),
}));

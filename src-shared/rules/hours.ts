/**
 * Hours of a week, as a person writes them and as a picture of 7 × 24. Hour 0 is Monday's first; all by the clock on
 * the wall, so what a change to summer time does to a night it does to the schedule.
 */
export type WeekHours = readonly boolean[];

export const DAY_HOURS = 24;
export const WEEK_HOURS = 7 * DAY_HOURS;
const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** Written for no hour at all; nothing written is every hour. */
const NEVER = 'never';
/** Hours of each day apart, with blanks between them: far more than anybody writes. */
export const HOURS_TEXT_MAX = 1_024;

/**
 * Reads "Mon-Fri 22-6; Sat-Sun 0-24": days, then hours from and up to; hours that end before they begin reach into the
 * next day, and days that end before they begin into the next week.
 * @returns null for anything else
 */
export function parseHours(text: string): WeekHours | null {
  if (text.length > HOURS_TEXT_MAX) return null;
  const plain = text.trim().toLowerCase();
  if (plain === '') return Array<boolean>(WEEK_HOURS).fill(true);
  const week = Array<boolean>(WEEK_HOURS).fill(false);
  if (plain === NEVER) return week;
  for (const part of plain.split(';')) {
    const [first = '', ...rest] = part.trim().split(/[\s,]+/);
    const on = daysOf(first);
    const spans = rest.map(spanOf);
    if (!on || spans.length === 0) return null;
    for (const span of spans) {
      if (!span) return null;
      for (const day of on)
        for (let hour = span.from; hour < span.to; hour++) week[(day * DAY_HOURS + hour) % WEEK_HOURS] = true;
    }
  }
  return week;
}

/** The days of "mon" or "fri-mon", by number; null for anything else. */
function daysOf(word: string): readonly number[] | null {
  const named = word.split('-').map((name) => days.findIndex((day) => day.toLowerCase() === name));
  const [first = -1, last = first] = named;
  if (named.length > 2 || first < 0 || last < 0) return null;
  const count = ((last - first + days.length) % days.length) + 1;
  return Array.from({ length: count }, (_, i) => (first + i) % days.length);
}

/** A span of hours, `to` beyond 24 where it reaches into the next day; null for anything else. */
export function spanOf(word: string): { readonly from: number; readonly to: number } | null {
  const [, begin = '', end = ''] = /^(\d{1,2})-(\d{1,2})$/.exec(word) ?? [];
  const [from, to] = [Number(begin), Number(end)];
  if (begin === '' || from >= DAY_HOURS || to > DAY_HOURS || from === to) return null;
  return { from, to: to > from ? to : to + DAY_HOURS };
}

/** As a person would write them, in one way for each week: `parseHours` reads it back. */
export function formatHours(week: WeekHours): string {
  if (week.every(Boolean)) return '';
  if (!week.some(Boolean)) return NEVER;
  const parts: { first: number; last: number; readonly spans: string }[] = [];
  for (const day of days.keys()) {
    const spans = spansOf(week.slice(day * DAY_HOURS, (day + 1) * DAY_HOURS));
    const before = parts.at(-1);
    if (before?.spans === spans) before.last = day;
    else parts.push({ first: day, last: day, spans });
  }
  return parts
    .filter(({ spans }) => spans !== '')
    .map(({ first, last, spans }) => `${days[first]}${last > first ? `-${days[last]}` : ''} ${spans}`)
    .join('; ');
}

/** "0-6 22-24": the hours of one day. */
export function spansOf(day: WeekHours): string {
  const spans: string[] = [];
  for (let from = day.indexOf(true); from >= 0 && from < DAY_HOURS; ) {
    const end = day.indexOf(false, from);
    const to = end < 0 ? DAY_HOURS : end;
    spans.push(`${from}-${to}`);
    const next = day.indexOf(true, to);
    if (next < 0) break;
    from = next;
  }
  return spans.join(' ');
}

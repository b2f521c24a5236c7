/** How long a server wants to be left alone, as it says so. Whoever asked bounds it: a server may say anything. */

/**
 * `Retry-After`: a number of seconds, or a date (RFC 9110, 10.2.3).
 * @param nowMs the time of day, Unix ms
 * @returns ms from now, 0 for a date that is over; null where there is no such header or it is none
 */
export function retryAfterMs(header: string | null | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return 1_000 * Number(text);
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - nowMs);
}

/**
 * The same by `RateLimit` as the Hub sends it: the longest `t` of the windows that have nothing left, or that do not say
 * what they have; else by `Retry-After`.
 * @returns ms from now; null where it says neither
 */
export function leftAloneMs(headers: Headers, nowMs: number): number | null {
  const windows = (headers.get('ratelimit') ?? '').split(',').map((window) => ({
    left: numberIn(window, 'r'),
    seconds: numberIn(window, 't'),
  }));
  const spent = windows.flatMap(({ left, seconds }) => (seconds !== null && !left ? [seconds] : []));
  return spent.length > 0 ? 1_000 * Math.max(...spent) : retryAfterMs(headers.get('retry-after'), nowMs);
}

function numberIn(window: string, name: string): number | null {
  const found = new RegExp(`;\\s*${name}=(\\d{1,9})(?:\\D|$)`).exec(window)?.[1];
  return found === undefined ? null : Number(found);
}

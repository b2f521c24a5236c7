/** How long a person pauses for, or sets the house rules aside. */
export type PauseSpan = 15 | 60 | 180 | 'tomorrow';
export const pauseSpans: readonly PauseSpan[] = [15, 60, 180, 'tomorrow'];

/** The longest pause with an end: whoever wants longer says so again. A week, in minutes. */
export const SPAN_MINUTES_MAX = 7 * 24 * 60;

/** "Until tomorrow" ends at this hour of the next morning, by the clock of this computer. */
export const TOMORROW_HOUR = 8;

/** Whole minutes of a span from now on; up to the next morning at least one. */
export function minutesOf(span: PauseSpan, nowMs: number): number {
  if (span !== 'tomorrow') return span;
  const morning = new Date(nowMs);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(TOMORROW_HOUR, 0, 0, 0);
  return Math.max(1, Math.ceil((morning.getTime() - nowMs) / 60_000));
}

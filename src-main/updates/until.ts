import type { UpdateDelay } from '../../src-shared/contract/page/updates.ts';
import { TONIGHT_HOUR } from './limits.ts';

const WEEK_DAYS = 7;

/** Until when a release is put off, by this computer's own calendar. */
export function untilOf(delay: UpdateDelay, nowMs: number): number {
  const until = new Date(nowMs);
  if (delay === 'week') until.setDate(until.getDate() + WEEK_DAYS);
  else until.setHours(TONIGHT_HOUR, 0, 0, 0);
  // Late in the evening, tonight is the next one.
  if (until.getTime() <= nowMs) until.setDate(until.getDate() + 1);
  return until.getTime();
}

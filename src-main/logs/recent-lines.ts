import type { LogCursor, LogPart } from '../../src-shared/contract/page/logs.ts';
import { PAGE_LINES, RECENT_LINES } from './limits.ts';

/** The lines that this host wrote last, for pages that follow the log. */
export interface RecentLines {
  push(line: string): void;
  /** What came behind the cursor; null where it belongs to another host, and the page begins anew. */
  behind(cursor: LogCursor): Omit<LogPart, 'isFresh'> | null;
  /** Behind everything that was written. */
  readonly end: LogCursor;
}

/** @param start names this start of the host */
export function recentLines(start: number): RecentLines {
  let kept: string[] = [];
  let count = 0;
  const end = (): LogCursor => ({ start, line: count });
  return {
    push(line) {
      count++;
      kept.push(line);
      // Cut now and then, not at each line: what is cut is copied.
      if (kept.length >= 2 * RECENT_LINES) kept = kept.slice(-RECENT_LINES);
    },
    behind(cursor) {
      if (cursor.start !== start || cursor.line > count) return null;
      const oldest = count - Math.min(kept.length, RECENT_LINES);
      const from = Math.max(cursor.line, oldest);
      const lines = kept.slice(kept.length - (count - from)).slice(0, PAGE_LINES);
      return {
        lines: from === count ? [] : lines,
        next: { start, line: from + (from === count ? 0 : lines.length) },
        missed: from - cursor.line,
      };
    },
    get end() {
      return end();
    },
  };
}

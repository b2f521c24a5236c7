import { describe, expect, it } from 'vitest';
import { PAGE_LINES, RECENT_LINES } from '../../../src-main/logs/limits.ts';
import { recentLines } from '../../../src-main/logs/recent-lines.ts';

const START = 7;
const filled = (count: number) => {
  const recent = recentLines(START);
  for (let at = 0; at < count; at++) recent.push(`line ${at}`);
  return recent;
};

describe('the lines that were written last', () => {
  it('come behind the cursor, each once, a bounded part at a time', () => {
    const recent = filled(2 * PAGE_LINES + 3);
    const read: string[] = [];
    let cursor = { start: START, line: 0 };
    for (;;) {
      const part = recent.behind(cursor);
      if (!part || part.lines.length === 0) break;
      expect(part.lines.length).toBeLessThanOrEqual(PAGE_LINES);
      expect(part.missed).toBe(0);
      read.push(...part.lines);
      cursor = part.next;
    }
    expect(read).toEqual(Array.from({ length: 2 * PAGE_LINES + 3 }, (_, at) => `line ${at}`));
    expect(recent.behind(recent.end)).toEqual({ lines: [], next: recent.end, missed: 0 });
  });

  it('say how many are only in the file by now', () => {
    const part = filled(3 * RECENT_LINES).behind({ start: START, line: 5 });
    expect(part?.missed).toBe(2 * RECENT_LINES - 5);
    expect(part?.lines[0]).toBe(`line ${2 * RECENT_LINES}`);
  });

  it('are none of another host’s', () => {
    expect(filled(9).behind({ start: START + 1, line: 3 })).toBeNull();
    expect(filled(9).behind({ start: START, line: 10 })).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { leftAloneMs } from '../../src-node/retry-after.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

describe('how long a server wants to be left alone', () => {
  it.each<[string, Record<string, string>, number | null]>([
    ['the window with nothing left', { ratelimit: '"api";r=0;t=120' }, 120_000],
    [
      'the longest of these',
      { ratelimit: '"api";r=0;t=12, "resolvers";r=0;t=200, "pages";r=5;t=290' },
      200_000,
    ],
    ['a window that says nothing of what is left', { ratelimit: '"api";t=7' }, 7_000],
    [
      'the window, and not what stands beside it',
      { ratelimit: '"api";r=0;t=55', 'retry-after': '7' },
      55_000,
    ],
    ['seconds', { 'retry-after': ' 7 ' }, 7_000],
    ['seconds where no window is spent', { ratelimit: '"api";r=9;t=120', 'retry-after': '7' }, 7_000],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60_000],
    ['a date that is over', { 'retry-after': 'Wed, 31 Dec 2025 00:01:00 GMT' }, 0],
    ['nothing that is a time', { 'retry-after': 'later', ratelimit: 'soon' }, null],
    ['more digits than a time has', { 'retry-after': '9999999999' }, null],
    ['nothing at all', {}, null],
  ])('is %s', (_what, headers, waitMs) => expect(leftAloneMs(new Headers(headers), NOW_MS)).toBe(waitMs));
});

import { describe, expect, it } from 'vitest';
import { askedWaitMs } from '../../../../src-worker/publish/stores/retry.ts';

const NOW_MS = Date.UTC(2026, 0, 1, 12);
const wait = (headers: Record<string, string>) => askedWaitMs(new Headers(headers), NOW_MS);

describe('for how long a store wants to be left alone', () => {
  it.each([
    ['seconds', { 'retry-after': '30' }, 30_000],
    ['a date', { 'retry-after': new Date(NOW_MS + 90_000).toUTCString() }, 90_000],
    ['the window of a rate limit', { ratelimit: '"api";r=0;t=55' }, 55_000],
    ['nothing', {}, 60_000],
    ['nonsense', { 'retry-after': 'soon' }, 60_000],
    ['a date long past', { 'retry-after': new Date(0).toUTCString() }, 1_000],
    ['a year', { 'retry-after': '31536000' }, 3_600_000],
  ])('is understood as %s', (_what, headers, waitMs) => {
    expect(wait(headers as Record<string, string>)).toBe(waitMs);
  });
});

import { expect, it, vi } from 'vitest';
import type { Notice } from '../../../../src-shared/contract/page/app.ts';
import { type ErrorCode, errorCatalogue } from '../../../../src-shared/errors/catalogue.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { newsGate } = await import('../../../../src-main/shells/electron/news.ts');

const notice = (code: ErrorCode, level: Notice['level'] = 'fault'): Notice => ({
  ...{ id: 'x', level, error: { code, params: {} }, atMs: 0, run: null },
});

it('tells the same again after half an hour, and of what is no news never', () => {
  let nowMs = 0;
  const isNews = newsGate(() => nowMs);
  expect(isNews(notice('DISK_FULL'))).toBe(true);
  nowMs = 29 * 60_000;
  expect(isNews(notice('DISK_FULL'))).toBe(false);
  nowMs = 31 * 60_000;
  expect(isNews(notice('DISK_FULL'))).toBe(true);
  expect(isNews(notice('INTERNAL', 'info'))).toBe(false);
});

it('tells of six things an hour at most, and of others when the hour is over', () => {
  let nowMs = 0;
  const isNews = newsGate(() => nowMs);
  const codes = (Object.keys(errorCatalogue) as ErrorCode[]).slice(0, 10);
  expect(codes.filter((code) => isNews(notice(code)))).toHaveLength(6);
  nowMs = 61 * 60_000;
  expect(codes.filter((code) => isNews(notice(code)))).toHaveLength(6);
});

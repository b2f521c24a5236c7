import { expect, test } from 'vitest';
import { isOld, newestBase } from '../../src-renderer/state/writing.ts';

const round = (n: number, outcome: 'committed' | 'void' = 'committed') => ({ round: n, outcome });
const written = { round: 4, place: 0, prompt: '', text: '', atMs: 0 };
const view = { now: written, before: null, isWriting: false, problem: null };

test('the newest base is that of the last commit, or of a loss that was measured of a newer one', () => {
  expect(newestBase([], [])).toBeNull();
  expect(newestBase([], [{ round: -1 }])).toBeNull();
  expect(newestBase([round(3), round(4, 'void')], [{ round: -1 }])).toBe(3);
  expect(newestBase([], [{ round: -1 }, { round: 900 }])).toBe(900);
});

test('a text is old once there is a newer base, and nothing is old before the run began', () => {
  expect(isOld(null, 3)).toBe(false);
  expect(isOld({ ...view, now: null }, null)).toBe(false);
  expect(isOld({ ...view, now: null }, 0)).toBe(true);
  expect(isOld(view, 4)).toBe(false);
  expect(isOld(view, 5)).toBe(true);
});

import { describe, expect, it } from 'vitest';
import { timeZero } from '../../../src-shared/rounds/time-zero.ts';

describe('time zero', () => {
  it('is the median of all, the own among them', () => {
    expect(timeZero(10, [12, 20], 100)).toBe(12);
    expect(timeZero(10, [], 100)).toBe(10);
  });

  it('moves by what is allowed at most, whoever lies', () => {
    expect(timeZero(10, [900, 900], 5)).toBe(15);
    expect(timeZero(10, [-900, -900], 5)).toBe(5);
  });
});

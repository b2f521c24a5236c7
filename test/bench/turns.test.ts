import { expect, it, vi } from 'vitest';
import { fastest, inTurns, ratioInTurns } from '../../bench/engine/turns.ts';

it('each moves its bytes once a turn, every other turn backwards, and turns that warm up do not count', async () => {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  const calls: string[] = [];
  const mover = (name: string, bytes: number, ms: number) => ({
    bytes,
    async move() {
      calls.push(name);
      nowMs += ms;
    },
  });
  const rates = await inTurns([mover('a', 100, 10), mover('b', 100, 20)], 2);
  expect(rates).toEqual([
    [10, 10],
    [5, 5],
  ]);
  expect(calls.join('')).toMatch(/^(ab|ba)+$/);
  expect(calls.slice(-4).join('')).toBe('abba');
  vi.restoreAllMocks();
});

it('a turn beside other work changes neither the ratio nor which copy is the fastest', () => {
  const quiet = [8, 8, 0.8, 8, 8];
  const copies = [
    [9, 9, 0.9, 9, 9],
    [10, 10, 1, 10, 10],
    [1, 1, 100, 1, 1],
  ];
  expect(fastest(copies)).toBe(copies[1]);
  expect(ratioInTurns(quiet, fastest(copies))).toBeCloseTo(0.8);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { asking, pauseMs } from '../../../../../src-worker/train/engine/gpu/asking.ts';

const clock = { nowMs: 0, heldMs: 0 };
const turns: (() => void)[] = [];
const turn = ((callback: () => void) => turns.push(callback)) as unknown as typeof setImmediate;

beforeEach(() => {
  Object.assign(clock, { nowMs: 0, heldMs: 0 });
  turns.length = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock.nowMs);
  vi.spyOn(Atomics, 'wait').mockImplementation((_cell, _at, _value, ms = 0) => {
    clock.nowMs += ms;
    clock.heldMs = Math.max(clock.heldMs, ms);
    return 'timed-out';
  });
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    callback: (word: unknown) => void,
    ms: number,
    word: unknown,
  ) => {
    turns.push(() => {
      clock.nowMs += ms;
      callback(word);
    });
  }) as unknown as typeof setTimeout);
});
afterEach(() => vi.restoreAllMocks());

/** Native code without a name, as Dawn's is: it asks until the device is done. */
function question(next: typeof setImmediate, doneMs: number): { ask: () => void; asked: () => number } {
  let asked = 0;
  const ask = new Proxy(
    Object.defineProperty(() => {}, 'name', { value: '' }),
    {
      apply: () => {
        asked += 1;
        clock.nowMs += 0.02;
        if (clock.nowMs < doneMs) next(ask);
      },
    },
  );
  return { ask, asked: () => asked };
}

const runOut = () => {
  for (let own = turns.shift(); own; own = turns.shift()) own();
};

it.each([0.05, 2, 20, 1_000])('an answer after %f ms is heard soon, and is asked for seldom', (doneMs) => {
  const next = asking(turn);
  const { ask, asked } = question(next, doneMs);
  next(ask);
  runOut();
  expect(clock.nowMs).toBeLessThan(doneMs + Math.min(4, 0.55 * doneMs) + 0.2);
  expect(asked()).toBeLessThan(15 + doneMs / 4);
  // Others on this thread never wait for long.
  expect(clock.heldMs).toBeLessThan(1);
});

it('each question begins anew, also after a long one', () => {
  const next = asking(turn);
  next(question(next, 500).ask);
  runOut();
  const sinceMs = clock.nowMs;
  next(question(next, sinceMs + 0.03).ask);
  runOut();
  expect(clock.nowMs - sinceMs).toBeLessThan(0.1);
});

it('is what it was for everybody else', () => {
  const real = vi.fn();
  const next: (callback: () => void, ...words: unknown[]) => unknown = asking(
    real as unknown as typeof setImmediate,
  );
  const own = () => {};
  const bound = own.bind(null);
  next(own, 1);
  next(bound);
  // Nameless native code as Dawn's is, but for the value that it takes.
  const { resolve } = Promise.withResolvers<void>();
  next(resolve);
  next(resolve, 2);
  expect(real.mock.calls).toEqual([[own, 1], [bound], [resolve], [resolve, 2]]);
});

it('pauses longer the longer it was asked, up to an end', () => {
  expect([0, 0.02, 1, 6, 1_000].map(pauseMs)).toEqual([0, 0, 0.5, 3, 4]);
});

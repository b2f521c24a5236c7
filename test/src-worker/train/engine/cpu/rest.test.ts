import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { planMemory } from '../../../../../src-worker/train/engine/cpu/plan.ts';
import { Rest, setShare } from '../../../../../src-worker/train/engine/cpu/rest.ts';
import { wordsOf } from '../../../../../src-worker/train/engine/cpu/words.ts';
import { TINY } from '../support.ts';

const clock = { nowMs: 0 };
let rests: number[];

beforeEach(() => {
  clock.nowMs = 5_000;
  rests = [];
  vi.spyOn(process.hrtime, 'bigint').mockImplementation(() => BigInt(clock.nowMs * 1e6));
  vi.spyOn(Atomics, 'wait').mockImplementation((_words, _at, _value, ms = 0) => {
    rests.push(Math.round(ms));
    clock.nowMs += ms;
    return 'timed-out';
  });
});
afterEach(() => vi.restoreAllMocks());

function throttled(share: number) {
  const plan = planMemory(TINY, 1, 2);
  const memory = new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages, shared: true });
  const words = wordsOf(memory, plan);
  setShare(words, share);
  return { words, rest: new Rest(words, memory, plan) };
}

/** Commands of a single stage, and a pause behind each in which nobody works. */
function commands(rest: Rest, count: number, workMs: number): void {
  for (let command = 0; command < count; command += 1) {
    rest.begin();
    clock.nowMs += workMs;
    rest.take();
    clock.nowMs += 1_000;
  }
}

it('rests for commands that are each too short for a rest, and for nothing that lies between them', () => {
  commands(throttled(0.5).rest, 5, 4);
  // Three of 4 ms make a rest due; two are owed still.
  expect(rests).toEqual([12]);
});

it('rests within a command as often as there is something to rest for', () => {
  const { rest } = throttled(0.25);
  rest.begin();
  for (const workMs of [8, 8, 8]) {
    clock.nowMs += workMs;
    rest.take();
  }
  expect(rests).toEqual([48]);
});

it('owes nothing for work at full speed', () => {
  const { rest, words } = throttled(1);
  commands(rest, 5, 8);
  setShare(words, 0.5);
  commands(rest, 1, 8);
  expect(rests).toEqual([]);
});

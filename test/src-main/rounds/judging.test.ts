import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Judgement, judgeDesk } from '../../../src-main/rounds/judging.ts';
import { JUDGE_LIMIT_MS } from '../../../src-main/rounds/limits.ts';
import type { JudgedRound } from '../../../src-shared/rounds/concluded.ts';
import { digestOf, witness } from './machine-bench.ts';

const round: JudgedRound = {
  round: 4,
  blockHash: digestOf('block'),
  outcomeBlock: 97,
  witnesses: [witness],
  roster: null,
  readies: [],
  report: null,
  committed: false,
};

function bench() {
  const told: Judgement[] = [];
  const stop = new AbortController();
  const desk = judgeDesk((judgement) => told.push(judgement), stop.signal);
  const ends = { yet: false };
  const asked = desk.ask(round).then(() => {
    ends.yet = true;
  });
  return { desk, told, stop, asked, ends };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a judgement', () => {
  it('ends with the answer for its round, and what needed the base must end with it', async () => {
    const { desk, told, asked, ends } = bench();
    expect(desk.asked).toBe(told[0]);
    desk.answer(3);
    await Promise.resolve();
    expect(ends.yet).toBe(false);
    desk.answer(4);
    await asked;
    expect(told[0]?.signal.aborted).toBe(true);
    expect(desk.asked).toBeNull();
  });

  it('that never comes holds up the round for its limit and no longer', async () => {
    const { asked, ends } = bench();
    await vi.advanceTimersByTimeAsync(JUDGE_LIMIT_MS - 1);
    expect(ends.yet).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await asked;
  });

  it('ends when the run stops', async () => {
    const { stop, asked, desk } = bench();
    stop.abort();
    await asked;
    expect(desk.asked).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { AnswerFlow } from '../../../src-shared/reduce/answer-flow.ts';

/** One every 100 ms until 1,000 ms. */
function flowing(kept = 4): AnswerFlow {
  const flow = new AnswerFlow(kept);
  for (let atMs = 100; atMs <= 1_000; atMs += 100) flow.came(atMs);
  return flow;
}

describe('results of a reducer', () => {
  it('will have come in time at the pace of the last ones', () => {
    const flow = flowing();
    expect(flow.endsWithin({ owed: 5, leftMs: 500, quietMs: 300 }, 1_000)).toBe(true);
    expect(flow.endsWithin({ owed: 6, leftMs: 500, quietMs: 300 }, 1_000)).toBe(false);
  });

  it('come more slowly the longer none has come', () => {
    const flow = flowing();
    // Of four the first came at 700: three in 600 ms by now.
    expect(flow.endsWithin({ owed: 2, leftMs: 400, quietMs: 300 }, 1_300)).toBe(true);
    expect(flow.endsWithin({ owed: 2, leftMs: 399, quietMs: 300 }, 1_300)).toBe(false);
  });

  it('come no more once none has come for long, however few are owed', () => {
    expect(flowing().endsWithin({ owed: 1, leftMs: 100_000, quietMs: 300 }, 1_301)).toBe(false);
  });

  it('of which less than two have come say nothing of their pace', () => {
    const flow = new AnswerFlow(4);
    const much = { owed: 1, leftMs: 100_000, quietMs: 100_000 };
    expect(flow.endsWithin(much, 10)).toBe(false);
    flow.came(10);
    expect(flow.endsWithin(much, 10)).toBe(false);
    flow.came(20);
    expect(flow.endsWithin(much, 20)).toBe(true);
  });

  it('will not all have come when no time is left', () => {
    expect(flowing().endsWithin({ owed: 1, leftMs: 0, quietMs: 300 }, 1_000)).toBe(false);
  });
});

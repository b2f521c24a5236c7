import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../../../src-shared/contract/swarm.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import { type OwnRound, type WhyLessGround, whyLess } from '../../../src-shared/scoring/why-less.ts';
import { addressOf, consensus } from '../../src-main/rounds/machine-bench.ts';

const hotkey = addressOf('me');
const [ann, bea] = ['ann', 'bea'].map(addressOf) as [typeof hotkey, typeof hotkey];
const score = (validator: typeof hotkey, round: number, total: number, weight = total) => ({
  ...{ validator, round, atMs: round * 1_000, total, average: total, weight },
});
const row = (validator: typeof hotkey, round: number, term: string, value: number | null) => ({
  ...{
    validator,
    round,
    atMs: round * 1_000,
    term,
    value,
    why: why(value === 0 ? 'chunks-missing' : 'unknown'),
  },
});
const rowsOf = (validator: typeof hotkey, round: number, values: Readonly<Record<string, number | null>>) =>
  Object.entries({
    identity: 1,
    gradient: 1,
    honesty: 1,
    steps: 1,
    bandwidth: 1,
    allReduce: 1,
    ...values,
  }).map(([term, value]) => row(validator, round, term, value));
const round = (number: number, over: Partial<OwnRound> = {}): OwnRound => ({
  ...{ round: number, endedAtMs: number * 1_000 - 1, reason: null, group: [], contributed: true },
  ...over,
});
const member = (over: Partial<GroupMember>): GroupMember => ({
  ...{ hotkey, takenShare: 1, returnedShare: 1, stoodIn: 0, error: null },
  ...over,
});

function ask(over: Partial<WhyLessGround> = {}) {
  return whyLess({
    ...{ hotkey, model: consensus.scoreModel, rounds: [], told: [], isSigned: () => true },
    said: {
      scores: [score(ann, 5, 1), score(ann, 7, 0.5)],
      evidence: [...rowsOf(ann, 5, {}), ...rowsOf(ann, 7, { allReduce: 0, bandwidth: 0.5, steps: 1.2 })],
      rates: [],
    },
    ...over,
  });
}

describe('why a miner earned less', () => {
  it('names what changed, by what each term took from the score', () => {
    const [of] = ask().validators;
    expect(of).toMatchObject({ validator: ann, round: 7, beforeRound: 5, total: { before: 1, now: 0.5 } });
    expect(of!.terms.map(({ term, before, now }) => [term, before, now])).toEqual([
      ['allReduce', 1, 0],
      ['bandwidth', 1, 0.5],
      ['steps', 1, 1.2],
    ]);
    const costs = of!.terms.map(({ cost }) => cost);
    for (const [i, cost] of [0.25, 0.125, -0.1].entries()) expect(costs[i]).toBeCloseTo(cost);
    expect(of!.terms[0]!.why.code).toBe('chunks-missing');
  });

  it('of a gate takes all that hangs on it', () => {
    const evidence = [...rowsOf(ann, 5, {}), ...rowsOf(ann, 7, { gradient: 0 })];
    const said = { scores: [score(ann, 5, 1), score(ann, 7, 0)], evidence, rates: [] };
    expect(ask({ said }).validators[0]!.terms).toMatchObject([{ term: 'gradient', cost: 1 }]);
  });

  it('puts beside it what this computer knows of the rounds between, and of no others', () => {
    const [of] = ask({
      rounds: [
        round(4, { reason: { code: 'late', params: {} }, contributed: false }),
        round(6, { reason: { code: 'paused', params: {} }, contributed: false }),
        round(7, {
          group: [member({ takenShare: 0.4, error: 'silent' }), member({ hotkey: bea, takenShare: 0 })],
        }),
        round(8, { reason: { code: 'elsewhere', params: {} }, contributed: false }),
      ],
      told: [3_000, 6_500, 9_000].map((atMs) => ({
        kind: 'told' as const,
        atMs,
        error: { code: 'FINALITY_STALLED' as const, params: {} },
      })),
      said: {
        scores: [score(ann, 5, 1), score(ann, 7, 0.5)],
        evidence: [],
        rates: [
          { round: 7, tokensPerSecond: 50 },
          { round: 6, tokensPerSecond: 100 },
          { round: 5, tokensPerSecond: 90 },
        ],
      },
    }).validators;
    expect(of!.beside).toEqual([
      { kind: 'exchange', round: 7, atMs: 6_999, takenShare: 0.4, returnedShare: 1, fault: 'silent' },
      { kind: 'told', atMs: 6_500, error: { code: 'FINALITY_STALLED', params: {} } },
      { kind: 'round', round: 6, atMs: 5_999, reason: { code: 'paused', params: {} } },
      { kind: 'slower', round: 7, atMs: null, tokensPerSecond: 50, before: 100 },
    ]);
  });

  it('is asked of each validator, whose word became worse first', () => {
    const scores = [score(ann, 7, 0.9), score(ann, 6, 1), score(bea, 7, 0.2), score(bea, 6, 1)];
    const { validators } = ask({
      said: { scores, evidence: [], rates: [] },
      isSigned: (of, at) => of === bea && at === 7,
    });
    expect(validators.map(({ validator, isSigned }) => [validator, isSigned])).toEqual([
      [bea, true],
      [ann, false],
    ]);
  });

  it('with one word alone tells that word, and that there is none before', () => {
    const said = { scores: [score(ann, 5, 1)], evidence: rowsOf(ann, 5, { steps: null }), rates: [] };
    const [of] = ask({ said }).validators;
    expect(of).toMatchObject({ beforeRound: null, total: { before: null, now: 1 } });
    expect(of!.terms).toHaveLength(6);
    expect(of!.terms.every(({ cost, before }) => cost === 0 && before === null)).toBe(true);
    expect(ask({ said: { scores: [], evidence: [], rates: [] } }).validators).toEqual([]);
  });
});

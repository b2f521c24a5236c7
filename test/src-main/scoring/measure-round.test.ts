import { describe, expect, it } from 'vitest';
import type { Look } from '../../../src-main/scoring/effect-check.ts';
import type { GradientCheck } from '../../../src-main/scoring/gradient-check.ts';
import { measureRound } from '../../../src-main/scoring/measure-round.ts';
import type { RoundFindings } from '../../../src-main/scoring/round-findings.ts';
import { type ScoreBook, scoreRound } from '../../../src-main/scoring/score-book.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { consensus, digestOf, miners, readyOf, witness } from '../rounds/machine-bench.ts';
import { found, HELPED } from './played-rounds.ts';

const [anna, bob] = miners as [Ss58, Ss58];
const { inner } = consensus;
const most = inner.maxStepsPerRound * inner.microBatchesPerStep * inner.sequencesPerMicroBatch;
const passed = (sequences: number): GradientCheck => ({
  gradient: { value: 1, why: why('recomputed-agree') },
  sequences,
});

const round = {
  ...{ round: 3, blockHash: digestOf('block'), outcomeBlock: 77, witnesses: [witness] },
  ...{ roster: null, readies: [], report: null, committed: false },
};

const notAsked = async () => ({ value: null, why: why('challenge-not-asked') });

/** Steps of both miners in a round in which each claims so many sequences. */
async function stepsOf(claimed: number, checks: readonly (readonly [Ss58, GradientCheck])[]) {
  const scores = await scoresOf(claimed, checks);
  return [anna, bob].map((hotkey) => scores.find((score) => score.hotkey === hotkey)?.terms.steps?.value);
}

async function scoresOf(
  claimed: number,
  checks: readonly (readonly [Ss58, GradientCheck])[],
  over: Partial<RoundFindings> = {},
  book: ScoreBook = new Map(),
) {
  const chain = fakeChain({ neurons: [witness, anna, bob].map((hotkey) => ({ hotkey })) });
  return measureRound(
    consensus,
    book,
    {
      round: {
        ...round,
        readies: [anna, bob].map((hotkey) => ({ ...readyOf(hotkey, 3), sequences: claimed })),
      },
      neurons: await chain.metagraph(null, new AbortController().signal),
      validator: witness,
      epochBlocks: 100,
      checks: new Map(checks),
      receipts: [],
      manifest: null,
      frauds: new Map(),
      drawsOf: () => HELPED,
      looks: new Map(),
      bound: new Set([anna, bob]),
      ...over,
    },
    notAsked,
  );
}

describe('steps of a round', () => {
  it('are not told for a miner that was not checked, whatever it claims', async () => {
    expect(await stepsOf(1e9, [[anna, passed(20)]])).toEqual([1, undefined]);
  });

  it('count no more sequences than a round can hold', async () => {
    expect(
      await stepsOf(20, [
        [anna, passed(1e9)],
        [bob, passed(most)],
      ]),
    ).toEqual([1, 1]);
  });
});

describe('a round in which nothing of the work arrived', () => {
  it('counts no steps, and says that it is for that and not for the gradient', async () => {
    const conducts = new Map(
      miners.map((hotkey) => [hotkey, hotkey === anna ? { sendsTo: () => false } : {}]),
    );
    const scores = await measureRound(consensus, new Map(), await found(3, conducts), notAsked);
    const of = (hotkey: Ss58) => scores.find((score) => score.hotkey === hotkey)?.terms.steps;
    expect(of(anna)).toMatchObject({ value: 0, why: why('chunks-missing') });
    expect(of(bob)?.why).toEqual(why('sequences-counted', { sequences: 20 }));
  });
});

describe('honesty', () => {
  const frauds = new Map([[bob, { round: 1, chunk: 5 }]]);
  const passes = [anna, bob].map((hotkey) => [hotkey, passed(20)] as const);
  const totalsOf = async (book: ScoreBook, over: Partial<RoundFindings> = {}) => {
    const after = scoreRound(
      book,
      consensus,
      { round: 3, block: 1 },
      await scoresOf(20, passes, { frauds, ...over }, book),
    );
    return { after, of: [anna, bob].map((hotkey) => [after.get(hotkey)?.total, after.get(hotkey)?.average]) };
  };

  it('is whole while no proof is known, and nothing with one, whatever else was good', async () => {
    const before = (await totalsOf(new Map(), { frauds: new Map() })).after;
    expect(before.get(bob)!.average).toBeGreaterThan(0);
    expect(before.get(bob)!.terms.honesty).toEqual({
      value: 1,
      why: why('helps-its-own-text', { helped: 8, count: 8 }),
    });
    const { after, of } = await totalsOf(before);
    expect(of[1]).toEqual([0, 0]);
    expect(after.get(bob)!.terms.honesty).toEqual({
      value: 0,
      why: why('fraud-proven', { round: 1, chunk: 5 }),
    });
    expect(after.get(anna)!.average).toBeGreaterThan(0);
  });

  it('is what looks at its contributions showed, and says what the newest that failed was', async () => {
    const termOf = async (draws: readonly boolean[], look?: Look) => {
      const looks = new Map(look ? [[anna, look] as const] : []);
      const scores = await scoresOf(20, passes, { drawsOf: () => draws, looks });
      const { value, why: reason } = scores.find(({ hotkey }) => hotkey === anna)!.terms.honesty!;
      return { value, why: reason };
    };
    const few = { helped: 7, count: 7, needed: 8 };
    expect(await termOf(HELPED.slice(1))).toEqual({ value: 0.5, why: why('looked-at-too-rarely', few) });
    const failed: Look = {
      ...{ outcome: 'does-not', isHarmful: false, why: why('does-not-help', { own: 0.1, ahead: -0.1 }) },
    };
    const params = { own: 0.1, ahead: -0.1, helped: 8, count: 10 };
    expect(await termOf([...HELPED, false, false], failed)).toEqual({
      value: expect.closeTo(0.6 / 0.9),
      why: why('does-not-help', params),
    });
    const half = [...HELPED, ...HELPED.map(() => false)];
    expect(await termOf(half)).toEqual({
      value: 0,
      why: why('helps-its-own-text', { helped: 8, count: 16 }),
    });
  });

  it('stays nothing after the proof itself is not told any more, and where its owner is not ready', async () => {
    const { after } = await totalsOf(new Map());
    expect((await totalsOf(after, { frauds: new Map() })).of[1]).toEqual([0, 0]);
    const only = { ...round, readies: [readyOf(anna, 3)] };
    const away = await scoresOf(20, [], { frauds, round: only }, after);
    expect(scoreRound(after, consensus, { round: 4, block: 1 }, away).get(bob)!.average).toBe(0);
  });
});

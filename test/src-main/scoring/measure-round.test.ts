import { describe, expect, it } from 'vitest';
import type { GradientCheck } from '../../../src-main/scoring/gradient-check.ts';
import { measureRound } from '../../../src-main/scoring/measure-round.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { consensus, digestOf, miners, readyOf, witness } from '../rounds/machine-bench.ts';

const [anna, bob] = miners as [Ss58, Ss58];
const { inner } = consensus;
const most = inner.maxStepsPerRound * inner.microBatchesPerStep * inner.sequencesPerMicroBatch;
const passed = (sequences: number): GradientCheck => ({
  gradient: { value: 1, why: why('recomputed-agree') },
  sequences,
});

/** Steps of both miners in a round in which each claims so many sequences. */
async function stepsOf(claimed: number, checks: readonly (readonly [Ss58, GradientCheck])[]) {
  const chain = fakeChain({ neurons: [witness, anna, bob].map((hotkey) => ({ hotkey })) });
  const scores = await measureRound(
    consensus,
    new Map(),
    {
      round: {
        round: 3,
        blockHash: digestOf('block'),
        witnesses: [witness],
        roster: null,
        readies: [anna, bob].map((hotkey) => ({ ...readyOf(hotkey, 3), sequences: claimed })),
        report: null,
        committed: false,
      },
      neurons: await chain.metagraph(null, new AbortController().signal),
      validator: witness,
      epochBlocks: 100,
      checks: new Map(checks),
      receipts: [],
      manifest: null,
      bound: new Set([anna, bob]),
    },
    async () => ({ value: null, why: why('challenge-not-asked') }),
  );
  return [anna, bob].map((hotkey) => scores.find((score) => score.hotkey === hotkey)?.terms.steps?.value);
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

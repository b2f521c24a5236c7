import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTier } from '../../../src-shared/rounds/tier.ts';
import { neededBytesPerS, type TierSize, tierCosts } from '../../../src-shared/rounds/uplink-cost.ts';

/** gpt2-124m in an exchange of 40 blocks of 12 s, of which 384 s are for sending. */
const tiers: readonly TierSize[] = [
  { codec: 'fp16', bytes: 248_000_000 },
  { codec: 'int8', bytes: 124_500_000 },
  { codec: 'int4', bytes: 81_000_000 },
];
const exchangeMs = 480_000;
const MBIT = 125_000;

describe('what an uplink carries', () => {
  it('is all of a contribution where the line is fast, and a share of it where it is not', () => {
    const at = (mbit: number) => tierCosts(tiers, { upBytesPerS: mbit * MBIT, exchangeMs });
    expect(at(8).map(({ inTimeShare }) => inTimeShare)).toEqual([1, 1, 1]);
    expect(at(3).map(({ inTimeShare }) => Math.round(inTimeShare * 100))).toEqual([58, 100, 100]);
    expect(at(1).map(({ inTimeShare }) => Math.round(inTimeShare * 100))).toEqual([19, 39, 59]);
    expect(at(1)[0]?.neededMs).toBe(1_984_000);
  });

  it('is enough from the rate on that is named', () => {
    for (const tier of tiers) {
      const needed = neededBytesPerS(tier, exchangeMs);
      const shareAt = (upBytesPerS: number) => tierCosts([tier], { upBytesPerS, exchangeMs })[0]?.inTimeShare;
      expect(shareAt(needed * 1.001)).toBe(1);
      expect(shareAt(needed * 0.5)).toBeCloseTo(0.5, 9);
    }
  });

  it('is told by the rule by which a member chooses its tier', () => {
    const bytes = new Map(tiers.map((tier) => [tier.codec, tier.bytes]));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (upBytesPerS) => {
        const now = { last: 'fp16', bytes, upBytesPerS, exchangeMs } as const;
        const chosen = chooseTier(
          tiers.map(({ codec }) => codec),
          now,
        );
        const costs = tierCosts(tiers, { upBytesPerS, exchangeMs });
        const richest = costs.find(({ inTimeShare }) => inTimeShare === 1) ?? costs.at(-1);
        expect(chosen).toBe(richest?.codec);
      }),
    );
  });
});

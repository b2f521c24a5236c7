import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workedError } from '../../../../bench/chain/yuma-error.ts';
import { scenarios } from '../../../../bench/chain/yuma-worked.ts';
import { type EpochInput, runEpoch, weightedMedian } from '../../../../src-worker/devnet/economy/yuma.ts';
import { runs } from '../../../runs.ts';

/** Two validators (uids 0 and 1, stake 60 : 40) and two miners (2 and 3). */
const input = (changes: Partial<EpochInput> = {}): EpochInput => ({
  block: 100,
  lastEpochBlock: 89,
  stake: [60, 40, 0, 0],
  lastUpdate: [95, 95, 10, 10],
  committedAt: [null, null, null, null],
  registeredAt: [0, 0, 10, 10],
  permits: [true, true, false, false],
  ownerUid: null,
  weights: [
    [0, 0, 1, 0],
    [0, 0, 0.5, 0.5],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ],
  bonds: Array.from({ length: 4 }, () => [0, 0, 0, 0]),
  maxValidators: 64,
  activityCutoff: 5_000,
  kappa: 0.5,
  bondsPenalty: 1,
  bondsAlpha: 0.1,
  yuma: 3,
  liquidAlpha: null,
  ...changes,
});

describe('consensus', () => {
  test('the median is the largest weight that kappa of the stake gives or exceeds', () => {
    expect(weightedMedian([0.2, 0.8], [0.6, 0.4], 0.5)).toBe(0.2);
    expect(weightedMedian([0.8, 0.2], [0.6, 0.4], 0.5)).toBe(0.8);
    expect(weightedMedian([0.1, 0.2, 0.3], [0.2, 0.3, 0.5], 0.5)).toBe(0.3);
    expect(weightedMedian([1, 1], [0, 0], 0.5)).toBe(0);
  });

  test('a worked epoch: the minority vote for miner 3 is clipped to nothing', () => {
    const { consensus, validatorTrust, incentive, dividends, bonds } = runEpoch(input());
    // Column 2: 60 % give 1. Column 3: 60 % give 0, so 0.5 of the other 40 % is clipped.
    expect(consensus).toEqual([0, 0, 1, 0]);
    expect(validatorTrust).toEqual([1, 0.5, 0, 0]);
    expect(incentive).toEqual([0, 0, 1, 0]);
    // Bonds 0.1 x clipped weight: 0.1 and 0.05; of column 2 two thirds and one third; times stake 0.6 and 0.4.
    expect(bonds[0]?.[2]).toBeCloseTo(0.1, 12);
    expect(bonds[1]?.[2]).toBeCloseTo(0.05, 12);
    expect(dividends[0]).toBeCloseTo(0.4 / (0.4 + 0.4 / 3), 12);
    expect(dividends[1]).toBeCloseTo(0.4 / 3 / (0.4 + 0.4 / 3), 12);
  });

  test('a worked epoch of shared bonds: of a miner stake buys shares of one whole, and the shares alone earn', () => {
    const before = [
      [0, 0, 0.2, 0],
      [0, 0, 0.6, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    const { dividends, bonds } = runEpoch(
      input({ yuma: 2, bonds: before, liquidAlpha: { low: 0, high: 1, steepness: 10 } }),
    );
    // Held 1/4 and 3/4. Bought with 0.6 x 1 and 0.4 x 0.5: 3/4 and 1/4. A tenth of the way: 0.3 and 0.7.
    expect(dividends[0]).toBeCloseTo(0.3, 12);
    expect(dividends[1]).toBeCloseTo(0.7, 12);
    expect(bonds[0]?.[2]).toBeCloseTo(3 / 7, 12);
    expect(bonds[1]?.[2]).toBe(1);
    // The miner is new since the last epoch: what was held is nothing, and what is bought is all.
    const fresh = runEpoch(input({ yuma: 2, bonds: before, registeredAt: [0, 0, 90, 10] }));
    expect(fresh.dividends[0]).toBeCloseTo(0.75, 12);
  });

  test('votes cast before a miner registered do not count for it', () => {
    const { incentive } = runEpoch(input({ registeredAt: [0, 0, 96, 10] }));
    expect(incentive[2]).toBe(0);
  });

  test('votes for oneself do not count, but the owner keeps its own', () => {
    const own = [
      [1, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ];
    expect(runEpoch(input({ weights: own })).incentive).toEqual([0, 0, 0, 0]);
    expect(runEpoch(input({ weights: own, ownerUid: 0 })).incentive).toEqual([1, 0, 0, 0]);
  });

  test('a silent validator beyond the cutoff has no say', () => {
    const { active, incentive } = runEpoch(input({ activityCutoff: 4, lastUpdate: [95, 96, 10, 10] }));
    expect(active).toEqual([false, true, false, false]);
    expect(incentive).toEqual([0, 0, 0.5, 0.5]);
  });

  test('permits go to the largest stakes and to the owner, and who loses one loses its bonds', () => {
    const { permits, bonds } = runEpoch(input({ maxValidators: 1, ownerUid: 3 }));
    expect(permits).toEqual([true, false, false, true]);
    expect(bonds[1]).toEqual([0, 0, 0, 0]);
  });

  test('without any vote the backing is the active stake', () => {
    const { backing, dividends } = runEpoch(
      input({ weights: Array.from({ length: 4 }, () => [0, 0, 0, 0]) }),
    );
    expect(dividends).toEqual([0, 0, 0, 0]);
    expect(backing).toEqual([0.6, 0.4, 0, 0]);
  });

  test('incentive and dividends each sum to one or to nothing, whatever is said', () => {
    const row = fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 5, maxLength: 5 });
    const matrix = fc.array(row, { minLength: 5, maxLength: 5 });
    const stakes = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 5, maxLength: 5 });
    const flags = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(matrix, stakes, flags, (weights, stake, permits) => {
        const zeros = [0, 0, 0, 0, 0];
        const bonds = weights.map(() => zeros);
        const out = runEpoch(
          input({ weights, stake, permits, bonds, lastUpdate: [9, 9, 9, 9, 9], registeredAt: zeros }),
        );
        for (const shares of [out.incentive, out.dividends]) {
          const sum = shares.reduce((total, share) => total + share, 0);
          expect(sum === 0 || Math.abs(sum - 1) < 1e-9).toBe(true);
        }
        expect(out.validatorTrust.every((trust) => trust >= 0 && trust <= 1 + 1e-9)).toBe(true);
      }),
      { numRuns: runs(100, 1_000) },
    );
  });
});

describe('epochs that Subtensor works through in its own tests', () => {
  test.each(scenarios)('$name: dividends and bonds to the digits written there', (scenario) => {
    expect(scenario.votes.length).toBe(6);
    expect(workedError(scenario)).toBeLessThan(1e-4);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alphaSplit, paidPerDay, rootProportion } from '../../../src-shared/economics/distribution.ts';
import {
  alphaDistributionRatio,
  blockEmission,
  emissionsRatio,
  gamma,
  MAX_SUPPLY,
  shareOfEmission,
} from '../../../src-shared/economics/emission.ts';
import { gini } from '../../../src-shared/economics/gini.ts';
import { priceDrop } from '../../../src-shared/economics/pool-depth.ts';
import { ratioOf } from '../../../src-shared/economics/ratio.ts';
import { alphaPerDay, validatorReturn } from '../../../src-shared/economics/returns.ts';
import { alphaSupply, fullyDiluted, marketCap } from '../../../src-shared/economics/supply.ts';
import { spreadOf, topQuartile, zScore } from '../../../src-shared/economics/z-score.ts';
import { alphaRao, RAO_PER_TAO, rao } from '../../../src-shared/units.ts';

const tao = (whole: number) => rao(BigInt(Math.round(whole * 1e9)));
const alpha = (whole: number) => alphaRao(BigInt(Math.round(whole * 1e9)));
const amounts = fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: 1, maxLength: 64 });

describe('Gini', () => {
  it('is 0 among equals, and 0.25 for 1, 2, 3, 4', () => {
    expect(gini([5n, 5n, 5n])).toBe(0);
    expect(gini([4n, 1n, 3n, 2n])).toBe(0.25);
  });
  it('is (n - 1) / n where one has everything', () => expect(gini([0n, 0n, 0n, 7n])).toBe(0.75));
  it('is not known of nobody, and of nothing', () => {
    expect(gini([])).toBeNull();
    expect(gini([0n, 0n])).toBeNull();
  });
  it('stays between 0 and (n - 1) / n, whatever the amounts', () => {
    fc.assert(
      fc.property(amounts, (all) => {
        const found = gini(all);
        if (found === null) return all.every((one) => one === 0n);
        return found >= -1e-12 && found <= (all.length - 1) / all.length + 1e-12;
      }),
    );
  });
  it('asks neither in which order they come nor in which unit', () => {
    fc.assert(
      fc.property(amounts, fc.bigInt(1n, 10n ** 9n), (all, times) => {
        const found = gini(all);
        expect(gini(all.toReversed())).toBe(found);
        if (found !== null) expect(gini(all.map((one) => one * times))).toBeCloseTo(found, 9);
      }),
    );
  });
});

describe('emission', () => {
  it('halves with each half of what was left', () => {
    expect(blockEmission(0n)).toBe(RAO_PER_TAO);
    expect(blockEmission(MAX_SUPPLY / 2n - 1n)).toBe(RAO_PER_TAO);
    expect(blockEmission(MAX_SUPPLY / 2n)).toBe(RAO_PER_TAO / 2n);
    expect(blockEmission((MAX_SUPPLY * 3n) / 4n)).toBe(RAO_PER_TAO / 4n);
    expect(blockEmission(MAX_SUPPLY)).toBe(0n);
  });
  it('never rises while more is issued', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_SUPPLY), fc.bigInt(0n, MAX_SUPPLY), (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        return blockEmission(less) >= blockEmission(more);
      }),
    );
  });
  it('gamma is alpha minted times its price', () => expect(gamma(alpha(1), tao(0.019))).toBe(tao(0.019)));
  it('the share is 0.55 % for 0.00275 of half a TAO', () =>
    expect(shareOfEmission(tao(0.00275), tao(0.5))).toBeCloseTo(0.0055, 12));
  it('knows no share of nothing', () => {
    expect(shareOfEmission(tao(1), tao(0))).toBeNull();
    expect(alphaDistributionRatio(alpha(1), alpha(0))).toBeNull();
  });
  it('the emissions ratio waits for a price in money', () => {
    expect(emissionsRatio(tao(0.02), null)).toBeNull();
    expect(emissionsRatio(tao(0.02), 0)).toBeNull();
    expect(emissionsRatio(tao(400), 400)).toBe(1);
  });
});

describe('distribution', () => {
  it('gives 18 % to the owner and 41 % each to miners and validators', () => {
    const { owner, miners, validators, root } = alphaSplit(11_796, null);
    expect([owner, miners, validators].map((share) => Math.round(share * 1_000) / 1_000)).toEqual([
      0.18, 0.41, 0.41,
    ]);
    expect(root).toBeNull();
  });
  it('always adds up to one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (cut, rp) => {
          const { owner, miners, validators, root } = alphaSplit(cut, rp);
          expect(owner + miners + validators + (root ?? 0)).toBeCloseTo(1, 12);
        },
      ),
    );
  });
  it('pays 7,200 alpha a day on 2.4 million: 0.3 %', () => {
    expect(paidPerDay(alpha(1), 7_200, alpha(2_400_000))).toBeCloseTo(0.003, 12);
    expect(paidPerDay(alpha(1), 7_200, alpha(0))).toBeNull();
  });
  it('root takes R w / (R w + A)', () => {
    const w = (2n ** 64n * 18n) / 100n;
    expect(rootProportion(tao(6_000_000), w, alpha(3_000_000))).toBeCloseTo(1.08 / 4.08, 9);
    expect(rootProportion(0n, w, 0n)).toBeNull();
  });
});

describe('supply and pool', () => {
  it('is worth its price times what circulates', () => {
    expect(marketCap(alpha(2_440_000), tao(0.018993))).toBe(tao(46_342.92));
    expect(fullyDiluted(tao(0.018993))).toBe(tao(398_853));
    expect(alphaSupply(alpha(2), alpha(3))).toBe(alpha(5));
  });
  it('selling as much again as lies in an even pool takes three quarters off the price', () =>
    expect(priceDrop(alpha(100), alpha(100))).toBeCloseTo(0.75, 12));
  it('leans more on a pool whose TAO weighs less', () =>
    expect(priceDrop(alpha(100), alpha(5), 0.4)).toBeGreaterThan(priceDrop(alpha(100), alpha(5)) ?? 1));
  it('says nothing of an empty pool', () => expect(priceDrop(alpha(0), alpha(1))).toBeNull());
  it('never falls below nothing, and more the more is sold', () => {
    const some = fc.bigInt(1n, 10n ** 18n);
    fc.assert(
      fc.property(some, some, some, (pool, sold, more) => {
        const less = priceDrop(alphaRao(pool), alphaRao(sold)) ?? -1;
        const most = priceDrop(alphaRao(pool), alphaRao(sold + more)) ?? -1;
        return less >= 0 && most <= 1 && most >= less;
      }),
    );
  });
});

describe('returns', () => {
  const paid = { block: 360, dividends: alpha(1), stake: alpha(1_001) };
  it('of 0.1 % an epoch, twenty a day, is 730 % in a year, compounded 1,474 times', () => {
    const found = validatorReturn([paid], 360, 7_200);
    expect(found?.apr).toBeCloseTo(7.3, 9);
    expect(found?.apy).toBeCloseTo(1.001 ** 7_300 - 1, 6);
    expect(found?.perThousandADay).toBe(alpha(20));
    expect(found?.uptime).toBe(1);
  });
  it('counts an epoch without pay as one', () => {
    const found = validatorReturn([paid, { ...paid, block: 720, dividends: alpha(0) }], 360, 7_200);
    expect(found).toMatchObject({ epochs: 2, uptime: 0.5 });
    expect(found?.apr).toBeCloseTo(3.65, 9);
  });
  it('names no year of what grows a millionfold in it', () => {
    const found = validatorReturn([{ block: 10, dividends: alpha(1), stake: alpha(11) }], 10, 86_400);
    expect(found?.apy).toBeNull();
    expect(found?.apr).toBeGreaterThan(1_000);
  });
  it('is not known without epochs, stake or tempo', () => {
    expect(validatorReturn([], 360, 7_200)).toBeNull();
    expect(validatorReturn([{ block: 1, dividends: alpha(1), stake: alpha(1) }], 360, 7_200)).toBeNull();
    expect(validatorReturn([paid], 0, 7_200)).toBeNull();
  });
  it('a miner’s day is its epoch times 7,200 / tempo', () => {
    expect(alphaPerDay(alpha(0.16), 360, 7_200)).toBe(alpha(3.2));
    expect(alphaPerDay(alpha(1), 0, 7_200)).toBeNull();
  });
});

describe('z-score', () => {
  it('of 1, 2, 3 puts 3 at 1.22', () => {
    const spread = spreadOf([1, 2, 3]);
    expect(spread && zScore(3, spread)).toBeCloseTo(1.2247, 4);
  });
  it('is hidden where nothing differs', () => {
    expect(spreadOf([0.1, 0.1, 0.1])).toBeNull();
    expect(spreadOf([1])).toBeNull();
  });
  it('has mean 0 over all of them', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 2 }), (values) => {
        const spread = spreadOf(values);
        const sum = spread ? values.reduce((all, one) => all + zScore(one, spread), 0) : 0;
        expect(Math.abs(sum)).toBeLessThan(1e-6 * values.length);
      }),
    );
  });
  it('the best quarter of eight begins with the second', () => {
    expect(topQuartile([1, 2, 3, 4, 5, 6, 7, 8])).toBe(7);
    expect(topQuartile([4])).toBe(4);
    expect(topQuartile([])).toBeNull();
  });
});

it('a ratio of large amounts keeps its digits', () => {
  expect(ratioOf(10n ** 18n, 3n * 10n ** 18n)).toBeCloseTo(1 / 3, 15);
  expect(ratioOf(1n, 0n)).toBeNull();
});

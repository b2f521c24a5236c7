import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksPerDay, forecastOf, newcomerRate } from '../../../src-shared/economics/newcomers.ts';
import { changeOver, dailyMoves } from '../../../src-shared/economics/price-moves.ts';
import { rankOf } from '../../../src-shared/economics/ranks.ts';
import { roleOf, rolesOf } from '../../../src-shared/economics/roles.ts';
import { alphaByOwner, largeMoves } from '../../../src-shared/economics/stake-moves.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';

const DAY = 86_400_000;
const at = (days: number, price: number | null) => ({
  atMs: days * DAY,
  priceRao: price === null ? null : rao(BigInt(price)),
});

describe('price over time', () => {
  const points = [at(0.2, 100), at(0.9, 110), at(1.5, 99), at(2.5, 132), at(4.5, 66)];
  it('names the worst and the best day, and compares nothing across a gap', () => {
    const moves = dailyMoves(points);
    expect(moves?.low).toBeCloseTo(-0.1, 12);
    expect(moves?.high).toBeCloseTo(1 / 3, 12);
    expect(moves?.days).toBe(2);
  });
  it('says nothing of a single day, and of prices that are not known', () => {
    expect(dailyMoves(points.slice(0, 2))).toBeNull();
    expect(dailyMoves([at(1, null), at(2, 5)])).toBeNull();
  });
  it('changes from the last point before the span', () => {
    expect(changeOver(points, 4.5 * DAY, 3 * DAY)?.change).toBeCloseTo(66 / 99 - 1, 12);
  });
  it('says from when it counts where the points are younger than the span', () => {
    expect(changeOver(points, 4.5 * DAY, 30 * DAY)).toEqual({ change: -0.34, sinceMs: 0.2 * DAY });
    expect(changeOver([at(1, 5)], 2 * DAY, DAY)).toBeNull();
  });
});

describe('newcomers', () => {
  const block = 100_000;
  it('counts those of the last week by day', () => {
    const registered = [1, 40, ...[0.5, 0.6, 1.5, 3.5].map((days) => block - days * 7_200)];
    expect(newcomerRate(registered, block, 7_200, 0)).toEqual({ mean: 4 / 7, low: 0, high: 2, days: 7 });
  });
  it('does not take those of the first block for newcomers', () => {
    expect(newcomerRate([10, 10, 10, 4_000], 7_210, 7_200, 10)).toEqual({
      mean: 1,
      low: 1,
      high: 1,
      days: 1,
    });
  });
  it('says nothing of a subnet of some minutes', () => expect(newcomerRate([5], 100, 7_200, 0)).toBeNull());
  it('with two a day reaches the fourth in two and a half days', () => {
    const rate = { mean: 2, low: 1, high: 4, days: 7 };
    expect(forecastOf(9, [4, 3, 2, 1, 9], 0, rate)).toMatchObject({
      ahead: 4,
      days: { soonest: 1.25, latest: 5 },
    });
  });
  it('fills free places first, and has no last day where nobody comes', () => {
    const rate = { mean: 1, low: 0, high: 2, days: 7 };
    expect(forecastOf(9, [9], 3, rate)?.days).toEqual({ soonest: 2, latest: null });
  });
  it('has none for one that is never pruned', () =>
    expect(forecastOf(7, [1, 2], 0, { mean: 1, low: 1, high: 1, days: 7 })).toBeNull());
  it('never says that the latest is before the soonest', () => {
    const blocks = fc.array(fc.integer({ min: 0, max: 50_400 }), { maxLength: 256 });
    fc.assert(
      fc.property(blocks, fc.integer({ min: 721, max: 50_400 }), (registered, now) => {
        const rate = newcomerRate(
          registered.filter((one) => one <= now),
          now,
          7_200,
          0,
        );
        const found = rate && forecastOf(0, [0], 5, rate);
        if (found?.days.soonest == null || found.days.latest === null) return true;
        return found.days.soonest <= found.days.latest;
      }),
    );
  });
  it('a day of the field has 7,200 blocks, also with some late ones', () => {
    expect(blocksPerDay(12_000)).toBe(7_200);
    expect(blocksPerDay(12_900)).toBe(7_200);
    expect(blocksPerDay(1_000)).toBe(86_400);
  });
});

describe('ranks and stakes', () => {
  it('equals share the better place', () => {
    const all = [5n, 9n, 5n, 1n];
    expect(all.map((one) => rankOf(one, all, (x) => x)?.rank)).toEqual([2, 1, 2, 4]);
    expect(rankOf(7n, all, (x) => x)).toBeNull();
  });

  const held = (hotkey: string, stake: number, emission = 0, coldkey = 'c') => ({
    hotkey: ss58(hotkey),
    coldkey: ss58(coldkey),
    stakeAlpha: alphaRao(BigInt(stake)),
    emissionAlpha: alphaRao(BigInt(emission)),
  });
  it('tells stake that came and went, and no pay', () => {
    const before = [held('a', 1_000), held('b', 5_000), held('d', 0)];
    const after = [held('a', 1_900, 900), held('b', 4_000), held('d', 0), held('new', 9_000)];
    expect(largeMoves(before, after, alphaRao(20_000n), 1)).toEqual([
      { hotkey: 'b', coldkey: 'c', alpha: -1_000n },
    ]);
    expect(largeMoves(before, after, alphaRao(20_000n), 0)).toHaveLength(2);
    expect(largeMoves(before, after, alphaRao(0n), 0)).toEqual([]);
  });
  it('sums the alpha of an owner', () => {
    const rows = [held('a', 3, 0, 'x'), held('b', 4, 0, 'y'), held('d', 5, 0, 'x')];
    expect(alphaByOwner(rows)).toEqual([8n, 4n]);
  });
});

describe('roles', () => {
  const seat = { validatorPermit: true, incentive: 0, dividends: 0, registeredAt: 10, lastUpdate: 10 };
  it('follow what was paid for, not the permit', () => {
    expect(roleOf({ ...seat, incentive: 5 })).toBe('miner');
    expect(roleOf({ ...seat, dividends: 5, incentive: 1 })).toBe('validator');
    expect(roleOf({ ...seat, lastUpdate: 40 })).toBe('validator');
    expect(roleOf(seat)).toBe('idle');
    expect(roleOf({ ...seat, validatorPermit: false, lastUpdate: 40 })).toBe('idle');
  });
  it('add up to all', () => {
    expect(rolesOf([seat, { ...seat, incentive: 1 }, { ...seat, dividends: 1 }])).toEqual({
      validator: 1,
      miner: 1,
      idle: 1,
    });
  });
});

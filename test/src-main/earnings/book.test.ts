import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earningsView, sumValue } from '../../../src-main/earnings/book.ts';
import type { EpochRow } from '../../../src-main/earnings/ledger.ts';
import { nextEpochBlock } from '../../../src-main/network/epoch-rule.ts';
import { dayStart } from '../../../src-shared/earnings/periods.ts';
import { worthOf } from '../../../src-shared/earnings/worth.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const hotkey = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const often = { numRuns: runs(500, 5_000) };

function row(block: number, alpha: bigint, price: bigint | null): EpochRow {
  const priceRao = price === null ? null : rao(price);
  const booked = alphaRao(alpha);
  const value = worthOf(booked, priceRao);
  return { hotkey, block, atMs: block * 1_000, uid: 1, alpha: booked, priceRao, valueRao: value };
}

describe('the worth of an epoch', () => {
  it('is alpha times the price of its own block', () => {
    expect(worthOf(alphaRao(2_000_000_000n), rao(50_000_000n))).toBe(100_000_000n);
  });

  it('is cut, not rounded up', () => {
    expect(worthOf(alphaRao(999_999_999n), rao(1n))).toBe(0n);
  });

  it('stays exact above what a double holds', () => {
    expect(worthOf(alphaRao(21_000_000_000_000_001n), rao(1_000_000_000n))).toBe(21_000_000_000_000_001n);
  });

  it('is unknown without a price', () => {
    expect(worthOf(alphaRao(5n), null)).toBeNull();
  });
});

describe('what the page shows of earnings', () => {
  it('sums the day at the prices of its epochs', () => {
    const rows = [row(10, 1_000_000_000n, 10n), row(20, 1_000_000_000n, 30n)];
    const view = earningsView(rows, [...rows].reverse(), 31);
    expect(view).toMatchObject({
      todayAlpha: 2_000_000_000n,
      todayRao: 40n,
      lastEpoch: { block: 20 },
      nextEpochBlock: 31,
    });
    expect(view.epochs.map(({ block }) => block)).toEqual([10, 20]);
  });

  it('does not show a sum of rao when one price is missing', () => {
    expect(sumValue([row(10, 5n, 10n), row(20, 5n, null)])).toBeNull();
  });

  it('knows that nothing was earned on a day without epochs', () => {
    expect(earningsView([], [], null)).toEqual({
      todayAlpha: 0n,
      todayRao: 0n,
      lastEpoch: null,
      epochs: [],
      nextEpochBlock: null,
    });
  });

  it('begins the day at midnight UTC', () => {
    const noon = Date.UTC(2026, 10, 22, 12, 30);
    expect(dayStart(noon)).toBe(Date.UTC(2026, 10, 22));
    expect(dayStart(Date.UTC(2026, 10, 22))).toBe(Date.UTC(2026, 10, 22));
    expect(dayStart(Date.UTC(2026, 10, 22) - 1)).toBe(Date.UTC(2026, 10, 21));
  });
});

describe('the next epoch', () => {
  it.each([
    // (block + 38 + 1) mod 361 = 360 for the first time at 321.
    [0, 321],
    [320, 321],
    [321, 682],
  ])('after block %i of netuid 38 and tempo 360 is %i', (block, next) => {
    expect(nextEpochBlock(block, { netuid: 38, tempo: 360, lastEpochBlock: null })).toBe(next);
  });

  it('is the first block after that satisfies the older rule', () => {
    const small = fc.nat(5_000);
    fc.assert(
      fc.property(fc.nat(10_000_000), small, fc.integer({ min: 1, max: 5_000 }), (block, netuid, tempo) => {
        const next = nextEpochBlock(block, { netuid, tempo, lastEpochBlock: null }) ?? 0;
        expect((next + netuid + 1) % (tempo + 1)).toBe(tempo);
        expect(next).toBeGreaterThan(block);
        expect(next - block).toBeLessThanOrEqual(tempo + 1);
      }),
      often,
    );
  });

  it('counts from the last epoch where the chain keeps it', () => {
    expect(nextEpochBlock(1_010, { netuid: 38, tempo: 360, lastEpochBlock: 1_000 })).toBe(1_360);
  });

  it('is the coming block when an epoch is overdue', () => {
    expect(nextEpochBlock(1_400, { netuid: 38, tempo: 360, lastEpochBlock: 1_000 })).toBe(1_401);
  });

  it('never comes on a subnet without a tempo', () => {
    expect(nextEpochBlock(5, { netuid: 38, tempo: 0, lastEpochBlock: null })).toBeNull();
  });
});

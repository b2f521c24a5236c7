import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src-shared/contract/page/earnings.ts';
import { dayStart, isPay, payBy, periodStart, projectionOf } from '../../../src-shared/earnings/periods.ts';
import { rao } from '../../../src-shared/units.ts';

const DAY = 86_400_000;
const monday = Date.UTC(2026, 10, 2);
const entry = (over: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ atMs: monday, fromMs: null, block: 1, kind: 'incentive', alpha: 5n },
  ...{ priceRao: rao(1n), taoRao: 2n, feeRao: null, txHash: null, rows: 1 },
  ...over,
});
const history = (entries: readonly LedgerEntry[], sinceMs: number | null = monday) => ({ entries, sinceMs });
const anyEntry = fc
  .record({
    atMs: fc.integer({ min: monday, max: monday + 60 * DAY }),
    block: fc.nat(10_000),
    alpha: fc.bigInt({ min: -1_000n, max: 10n ** 15n }),
    taoRao: fc.option(fc.bigInt({ min: 0n, max: 10n ** 15n })),
    kind: fc.constantFrom('incentive', 'dividend', 'claimed', 'stake', 'unstake'),
  })
  .map((over) => entry(over as Partial<LedgerEntry>));

describe('pay by period', () => {
  it('begins weeks on Mondays and months on the first, in UTC', () => {
    expect(periodStart('week', monday - 1)).toBe(monday - 7 * DAY);
    expect(periodStart('week', monday + 6 * DAY + 5)).toBe(monday);
    expect(periodStart('month', monday)).toBe(Date.UTC(2026, 10, 1));
    expect(dayStart(monday + DAY - 1)).toBe(monday);
  });

  it('loses nothing and invents nothing, whichever period', () => {
    fc.assert(
      fc.property(fc.array(anyEntry), fc.constantFrom('epoch', 'day', 'week', 'month'), (entries, period) => {
        const rows = payBy(period, history(entries), monday + 60 * DAY, 10_000);
        const paid = entries.filter(({ kind }) => isPay(kind));
        const sum = (list: readonly { alpha: bigint | null }[]) =>
          list.reduce((total, { alpha }) => total + (alpha ?? 0n), 0n);
        expect(sum(rows)).toBe(sum(paid));
        expect(rows.map(({ startMs }) => startMs)).toEqual(
          rows.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
        );
      }),
    );
  });

  it('says zero for a day without pay, and nothing for one that nobody looked at', () => {
    const gap = entry({ kind: 'unseen', fromMs: monday + 2 * DAY, atMs: monday + 4.5 * DAY, alpha: 99n });
    const rows = payBy('day', history([entry({}), gap]), monday + 5.5 * DAY, 10);
    expect(rows.map(({ alpha, hasGap, isOpen }) => [alpha, hasGap, isOpen])).toEqual([
      [5n, false, false],
      [0n, false, false],
      [null, true, false],
      [null, true, false],
      [0n, true, false],
      [0n, false, true],
    ]);
    expect(rows[4]?.seenMs).toBe(DAY / 2);
  });

  it('knows no worth of a day where one price is missing', () => {
    const [row] = payBy('day', history([entry({}), entry({ taoRao: null })]), monday + 1, 10);
    expect(row).toMatchObject({ alpha: 10n, taoRao: null });
  });

  it('joins the pay and dividends of one block, and gives a hole its own place', () => {
    const rows = payBy(
      'epoch',
      history([
        entry({ block: 7 }),
        entry({ block: 7, kind: 'dividend', alpha: 3n }),
        entry({ block: 8, kind: 'stake', alpha: 1_000n }),
        entry({ block: 900, kind: 'unseen', fromMs: monday + 5, atMs: monday + 9, alpha: 4n }),
      ]),
      monday + DAY,
      10,
    );
    expect(rows).toMatchObject([
      { alpha: 8n, taoRao: 4n, hasGap: false },
      { alpha: null, taoRao: null, hasGap: true },
    ]);
  });

  it('is empty before anything was looked at', () => {
    expect(payBy('day', history([], null), monday, 10)).toEqual([]);
  });
});

describe('what a day may bring', () => {
  const days = (...alpha: (bigint | null)[]) =>
    alpha.map((value, i) => ({
      ...{ startMs: monday + i * DAY, endMs: monday + (i + 1) * DAY, alpha: value, taoRao: null },
      ...{ hasGap: value === null, isOpen: false, seenMs: value === null ? 0 : DAY },
    }));

  it('is the middle half of the last seven whole days', () => {
    expect(projectionOf(days(900n, 10n, 20n, 30n, 40n, 50n, 60n, 70n))).toEqual({
      ...{ days: 7, lowAlpha: 25n, highAlpha: 55n },
    });
  });

  it('is not said from fewer than three, nor from days that were not looked at throughout', () => {
    expect(projectionOf(days(10n, 20n))).toBeNull();
    expect(projectionOf(days(10n, null, 20n))).toBeNull();
    const [first, second, third] = days(10n, 20n, 30n);
    if (!first || !second || !third) throw new Error('days');
    expect(projectionOf([first, second, { ...third, isOpen: true }])).toBeNull();
  });

  it('lies within what was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 3, maxLength: 7 }),
        (values) => {
          const found = projectionOf(days(...values));
          const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
          expect(found && found.lowAlpha <= found.highAlpha).toBe(true);
          expect(found?.lowAlpha).toBeGreaterThanOrEqual(sorted[0] ?? 0n);
          expect(found?.highAlpha).toBeLessThanOrEqual(sorted.at(-1) ?? 0n);
        },
      ),
    );
  });
});

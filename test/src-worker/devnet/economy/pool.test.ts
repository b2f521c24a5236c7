import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buy,
  buyUpTo,
  PRICE_SCALE,
  priceOf,
  type Reserves,
  sell,
  sellDownTo,
} from '../../../../src-worker/devnet/economy/pool.ts';
import { runs } from '../../../runs.ts';

const TAO = 1_000_000_000n;
const pool = { taoRao: 1_000n * TAO, alphaRao: 10_000n * TAO };
const reserve = fc.bigInt({ min: 1_000_000n, max: 10n ** 16n });
const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });

const isAtMost = (at: Reserves, price: bigint) => at.taoRao * PRICE_SCALE <= price * at.alphaRao;
const isAtLeast = (at: Reserves, price: bigint) => at.taoRao * PRICE_SCALE >= price * at.alphaRao;

describe('pool', () => {
  test('1000 TAO against 10000 alpha price one alpha at 0.1 TAO', () => {
    expect(priceOf(pool)).toBe(100_000_000n);
  });

  test('100 TAO buy 908.67 alpha: 10000 d / (1000 + d) with d = 100 less the fee', () => {
    const { fee, paid, received } = buy(pool, 100n * TAO);
    expect(fee).toBe(50_354_772n); // 1e11 * 33 / 65535
    expect(paid).toBe(99_949_645_228n);
    expect(received).toBe((10_000n * TAO * paid) / (1_000n * TAO + paid));
    expect(Number(received) / 1e9).toBeCloseTo(908.675, 2);
  });

  test('the largest order below a limit reaches the limit and not more', () => {
    const limit = 121_000_000n; // price x 1.21 = reserve x 1.1, were there no fee
    const most = buyUpTo(pool, limit);
    expect(Number(most) / 1e9).toBeCloseTo(100 / (1 - 33 / 65_535), 1);
    expect(limit - priceOf(buy(pool, most).after)).toBeLessThanOrEqual(1n); // whole rao, rounded down
  });

  test('one rao more than the largest order would pass its limit, either way', () => {
    const permille = fc.bigInt({ min: 1n, max: 900n });
    fc.assert(
      fc.property(reserve, reserve, permille, (taoRao, alphaRao, away) => {
        const from = { taoRao, alphaRao };
        const above = (priceOf(from) * (1_000n + away)) / 1_000n + 1n;
        const below = (priceOf(from) * (1_000n - away)) / 1_000n;
        const [bought, sold] = [buyUpTo(from, above), sellDownTo(from, below)];
        expect(isAtMost(buy(from, bought).after, above)).toBe(true);
        expect(isAtMost(buy(from, bought + 1n).after, above)).toBe(false);
        expect(isAtLeast(sell(from, sold).after, below)).toBe(true);
        if (sold < 1_000n * alphaRao) expect(isAtLeast(sell(from, sold + 1n).after, below)).toBe(false);
      }),
      { numRuns: runs(100, 1_000) },
    );
  });

  test('a limit on the wrong side of the price lets nothing through', () => {
    expect(buyUpTo(pool, 100_000_000n)).toBe(0n);
    expect(sellDownTo(pool, 100_000_000n)).toBe(0n);
  });

  test('neither order can take more from the pool than constant product allows', () => {
    fc.assert(
      fc.property(reserve, reserve, amount, (taoRao, alphaRao, input) => {
        const before = { taoRao, alphaRao };
        for (const { after } of [buy(before, input), sell(before, input)]) {
          expect(after.taoRao * after.alphaRao).toBeGreaterThanOrEqual(taoRao * alphaRao);
        }
      }),
      { numRuns: runs(200, 2_000) },
    );
  });

  test('buying and selling back never makes money', () => {
    fc.assert(
      fc.property(reserve, reserve, amount, (taoRao, alphaRao, input) => {
        const bought = buy({ taoRao, alphaRao }, input);
        const sold = sell(bought.after, bought.received);
        expect(sold.received).toBeLessThanOrEqual(input);
      }),
      { numRuns: runs(200, 2_000) },
    );
  });
});

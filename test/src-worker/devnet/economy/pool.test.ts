import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buy,
  buyUpTo,
  priceOf,
  sell,
  sellDownTo,
  squareRoot,
} from '../../../../src-worker/devnet/economy/pool.ts';
import { runs } from '../runs.ts';

const TAO = 1_000_000_000n;
const pool = { taoRao: 1_000n * TAO, alphaRao: 10_000n * TAO };
const reserve = fc.bigInt({ min: 1_000_000n, max: 10n ** 16n });
const amount = fc.bigInt({ min: 0n, max: 10n ** 15n });

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
    const limit = 121_000_000n; // price x 1.21 = reserve x 1.1
    const most = buyUpTo(pool, limit);
    expect(Number(most) / 1e9).toBeCloseTo(100 / (1 - 33 / 65_535), 6);
    const { paid, received } = buy(pool, most);
    const price = priceOf({ taoRao: pool.taoRao + paid, alphaRao: pool.alphaRao - received });
    expect(Number(price)).toBeCloseTo(Number(limit), -1);
    expect(price).toBeLessThanOrEqual(limit);
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
      runs(2_000),
    );
  });

  test('buying and selling back never makes money', () => {
    fc.assert(
      fc.property(reserve, reserve, amount, (taoRao, alphaRao, input) => {
        const bought = buy({ taoRao, alphaRao }, input);
        const sold = sell(bought.after, bought.received);
        expect(sold.received).toBeLessThanOrEqual(input);
      }),
      runs(2_000),
    );
  });

  test('the square root is the largest whole number whose square fits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (value) => {
        const root = squareRoot(value);
        expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
      }),
      runs(2_000),
    );
  });
});

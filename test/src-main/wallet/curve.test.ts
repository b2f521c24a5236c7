import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastBought, leastSold, soldAfterwards } from '../../../src-main/wallet/quotes/curve.ts';
import { MOST_RAO } from '../../../src-shared/amount.ts';
import { RAO_PER_TAO, rao } from '../../../src-shared/units.ts';
import { Refusal, testSubnet } from '../network/rig.ts';
import { freeRao, stake, startDesk, TAO, unstake } from './desk-rig.ts';

/** A pool of two reserves whose product stays. */
const bought = (tao: bigint, alpha: bigint, n: bigint) => alpha - (tao * alpha) / (tao + n) - 1n;
const priceOf = (tao: bigint, alpha: bigint) => (tao * RAO_PER_TAO) / alpha;

const pool = fc.record({
  tao: fc.bigInt({ min: 10n * TAO, max: 1_000_000n * TAO }),
  alpha: fc.bigInt({ min: 10n * TAO, max: 10_000_000n * TAO }),
  share: fc.bigInt({ min: 1n, max: 600n }),
  tolerance: fc.bigInt({ min: 10n, max: 500n }),
});

describe('what a limit leaves at worst', () => {
  it('is never more than what is left where others buy first, up to the limit', () =>
    fc.assert(
      fc.property(pool, fc.bigInt({ min: 0n, max: 1_000n }), ({ tao, alpha, share, tolerance }, first) => {
        const n = (tao * share) / 1_000n;
        const own = bought(tao, alpha, n);
        fc.pre(own > 0n);
        const after = priceOf(tao + n, (tao * alpha) / (tao + n));
        const limit = (after * (10_000n + tolerance)) / 10_000n + 1n;
        const least = leastBought({ netRao: n, alpha: own, priceRao: priceOf(tao, alpha) }, limit);
        const others = (tao * first * tolerance) / 10_000_000n;
        const [taoThen, alphaThen] = [tao + others, (tao * alpha) / (tao + others)];
        // Compared without rounding: where a price is a few rao, one of them is much.
        fc.pre((taoThen + n) ** 2n * RAO_PER_TAO <= limit * tao * alpha);
        expect(least).toBeLessThanOrEqual(bought(taoThen, alphaThen, n) + 1n);
        expect(least).toBeGreaterThanOrEqual((n * RAO_PER_TAO) / limit);
      }),
    ));

  it('is never more of a sale than what is left where others sell first, up to the limit', () =>
    fc.assert(
      fc.property(pool, fc.bigInt({ min: 0n, max: 1_000n }), ({ tao, alpha, share, tolerance }, first) => {
        const n = (alpha * share) / 1_000n;
        const own = bought(alpha, tao, n);
        fc.pre(own > 0n);
        const after = priceOf((tao * alpha) / (alpha + n), alpha + n);
        const limit = (after * (10_000n - tolerance)) / 10_000n;
        fc.pre(limit > 0n);
        const least = leastSold({ netAlpha: n, taoRao: own, priceRao: priceOf(tao, alpha) }, limit);
        const others = (alpha * first * tolerance) / 10_000_000n;
        const [alphaThen, taoThen] = [alpha + others, (tao * alpha) / (alpha + others)];
        // Only where the order still ends above the limit.
        fc.pre(tao * alpha * RAO_PER_TAO >= limit * (alphaThen + n) ** 2n);
        expect(least).toBeLessThanOrEqual(bought(alphaThen, taoThen, n) + 1n);
        expect(least).toBeGreaterThanOrEqual((n * limit) / RAO_PER_TAO);
      }),
    ));

  it('is what the way down brings, not what every alpha would at the limit', () => {
    const [tao, alpha, n] = [1_000n * TAO, 1_000n * TAO, 300n * TAO];
    const sold = { netAlpha: n, taoRao: bought(alpha, tao, n), priceRao: priceOf(tao, alpha) };
    const limit = (priceOf((tao * alpha) / (alpha + n), alpha + n) * 99n) / 100n;
    expect(leastSold(sold, limit) / TAO).toBeGreaterThan(225n);
    expect((n * limit) / RAO_PER_TAO / TAO).toBeLessThan(177n);
  });

  it('is what the way along the curve brings, not what every alpha would at the limit', () => {
    const [tao, alpha, n] = [1_000n * TAO, 1_000n * TAO, 300n * TAO];
    const paid = { netRao: n, alpha: bought(tao, alpha, n), priceRao: priceOf(tao, alpha) };
    const limit = (priceOf(tao + n, (tao * alpha) / (tao + n)) * 101n) / 100n;
    expect(leastBought(paid, limit) / TAO).toBeGreaterThan(225n);
    expect((n * RAO_PER_TAO) / limit / TAO).toBeLessThan(178n);
  });
});

it('what is sold at once gives back what the pool got, less the fees', () => {
  const paid = { netRao: 300n * TAO, alpha: 230n * TAO, priceRao: TAO };
  expect(soldAfterwards(paid, 0n)).toBe(300n * TAO);
  expect(soldAfterwards(paid, TAO / 10n)).toBe(300n * TAO - TAO / 10n);
});

describe('on a chain', () => {
  const chain = { subnets: [{ ...testSubnet, tempo: 360 }] };

  it('an order of a third of the pool, sold back at once, brings what was said', async () => {
    const rig = await startDesk({ freeRao: 1_000n * TAO, chain });
    const quote = await rig.quote(stake(300));
    if (quote.terms?.kind !== 'stake' || quote.terms.soldBackRao === null) throw new Error('no quote');
    await rig.order(stake(300));
    const { state } = await rig.order(unstake('all', { toleranceBps: 500 }));
    if (state.kind !== 'done') throw new Error(state.kind);
    const apart = (state.outcome.taoRao ?? 0n) - quote.terms.soldBackRao;
    // What the chain pays into the pool meanwhile stays in it.
    expect(apart < 0n ? -apart : apart).toBeLessThan(TAO / 2n);
    expect(quote.terms.soldBackRao).toBeGreaterThan(299n * TAO);
    expect(quote.terms.leastAlpha).toBeGreaterThan(220n * TAO);
  });

  it('an amount that nobody has is told as such, up to the last that a chain can hold', async () => {
    const rig = await startDesk({ chain });
    for (const amountRao of [MOST_RAO, rao(MOST_RAO - 1n), rao(21_000_000n * TAO), rao(1_000n * TAO)])
      expect((await rig.quote(stake(1, { amountRao }))).problem?.code).toBe('BALANCE_TOO_LOW');
    expect(await freeRao(rig)).toBe(100n * TAO);
    const { hash } = rig.network.money.newest();
    const { signal } = new AbortController();
    for (const tao of [MOST_RAO, rao(MOST_RAO - 1n)])
      expect(await rig.network.money.buy(38, tao, hash, signal)).toBeNull();
  });

  it('all of it says that it takes what comes later, too', async () => {
    const rig = await startDesk({ chain });
    const to = testSubnet.ownerColdkey;
    const quote = await rig.quote({ kind: 'transfer', to, amountRao: 'all' });
    expect(quote.warnings.map(({ code }) => code)).toContain('ALL_TAKES_LATER');
    await rig.desk.ask(quote.id);
    expect(rig.desk.pending?.most).toMatch(/TAO, and whatever arrives until then$/);
  });

  it('a fee that no node tells is told beside the most', async () => {
    const rig = await startDesk({ chain });
    rig.wire.lieWith((method) =>
      method === 'payment_queryInfo' ? new Refusal(-32_601, 'Method not found') : undefined,
    );
    const quote = await rig.quote(stake(5));
    expect(quote.networkFeeRao).toBeNull();
    await rig.desk.ask(quote.id);
    expect(rig.desk.pending?.most).toBe('5 TAO, plus a fee that the node does not tell');
  });
});

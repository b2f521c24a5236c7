import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Intent, MoneyQuote, TransactionOutcome } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import { testSubnet } from '../network/rig.ts';
import { type DeskRig, freeRao, heldAlpha, stake, startDesk, TAO, unstake } from './desk-rig.ts';

const RUNS = 12;

/** Carries an order out if it can be, with what was said of it. */
async function carriedOut(
  rig: DeskRig,
  intent: Intent,
): Promise<{ quote: MoneyQuote; outcome: TransactionOutcome } | null> {
  const quote = await rig.quote(intent);
  if (quote.problem) return null;
  const { state } = await rig.order(intent);
  // Nobody else trades: what was quoted goes through, however large it is.
  if (state.kind !== 'done') throw new Error(`${state.kind} ${JSON.stringify(state, (_k, v) => `${v}`)}`);
  return { quote, outcome: state.outcome };
}

it('what an order brings is at least what was said, and what it costs at most', {
  timeout: 120_000,
}, async () => {
  // No epoch pays anybody meanwhile: what changes is what was ordered.
  const chain = { subnets: [{ ...testSubnet, tempo: 360 }] };
  const rig = await startDesk({ freeRao: 2_000n * TAO, chain });
  const order = fc.record({
    share: fc.integer({ min: 1, max: 999 }),
    toleranceBps: fc.integer({ min: 10, max: 500 }),
    takesOut: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(order, async ({ share, toleranceBps, takesOut }) => {
      const [free, held] = [await freeRao(rig), await heldAlpha(rig)];
      const of = (amount: bigint) => (amount * BigInt(share)) / 1_000n;
      const intent = takesOut
        ? unstake(of(held) || 1n, { toleranceBps })
        : stake(1, { amountRao: rao(of(free) || 1n), toleranceBps });
      const done = await carriedOut(rig, intent);
      if (!done) return;
      const { terms, mostRao, networkFeeRao } = done.quote;
      const change = (await freeRao(rig)) - free;
      expect(done.outcome.balanceRao).toBe(change);
      expect(-change).toBeLessThanOrEqual(mostRao);
      if (terms?.kind === 'stake') {
        expect(done.outcome.alpha).toBeGreaterThanOrEqual(terms.leastAlpha);
        expect(terms.leastAlpha).toBeLessThanOrEqual(terms.receiveAlpha);
        expect(-change).toBe(terms.payRao + (networkFeeRao ?? 0n));
        expect((await heldAlpha(rig)) - held).toBe(done.outcome.alpha);
      } else if (terms?.kind === 'unstake') {
        expect(done.outcome.taoRao).toBeGreaterThanOrEqual(terms.leastRao);
        expect(terms.leastRao).toBeLessThanOrEqual(terms.receiveRao);
        expect(change).toBe((done.outcome.taoRao ?? 0n) - (networkFeeRao ?? 0n));
        expect(await heldAlpha(rig)).toBe(alphaRao(terms.leftAlpha));
      } else throw new Error('no terms');
    }),
    { numRuns: RUNS },
  );
});

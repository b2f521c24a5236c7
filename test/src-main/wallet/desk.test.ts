import { describe, expect, it } from 'vitest';
import { freeRao, heldAlpha, stake, startDesk, TAO } from './desk-rig.ts';

describe('an order from intent to finality', () => {
  it('stakes: what is received is at least what was said, what was paid is the difference of balances', async () => {
    const rig = await startDesk();
    const quote = await rig.quote(stake(5));
    if (quote.terms?.kind !== 'stake') throw new Error('no terms');
    expect(quote.problem).toBeNull();
    expect(quote.typedConsent).toBe('5');
    expect(quote.networkFeeRao).toBeGreaterThan(0n);
    const before = await freeRao(rig);
    const states: string[] = [];
    rig.desk.onTransaction(({ transaction }) => states.push(transaction.state.kind));
    const { state } = await rig.order(stake(5));
    if (state.kind !== 'done')
      throw new Error(JSON.stringify(state, (_k, v) => (typeof v === 'bigint' ? `${v}` : v)));
    expect(states).toEqual(['signed', 'sent', 'in-block', 'done']);
    const { balanceRao, taoRao, alpha } = state.outcome;
    expect(taoRao).toBe(5n * TAO);
    expect(alpha).toBe(await heldAlpha(rig));
    expect(alpha).toBeGreaterThanOrEqual(quote.terms.leastAlpha);
    expect(balanceRao).toBe((await freeRao(rig)) - before);
    expect(balanceRao).toBe(-(5n * TAO + (quote.networkFeeRao ?? 0n)));
    expect(-(balanceRao ?? 0n)).toBeLessThanOrEqual(quote.mostRao);
  });
});

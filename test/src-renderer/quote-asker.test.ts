import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lastOf, QuoteAsker, type Quoted } from '../../src-renderer/state/quote-asker.ts';
import type { MoneyOrder, MoneyQuote } from '../../src-shared/contract/page/money.ts';
import { rao } from '../../src-shared/units.ts';
import { coldkey, friend, quoteId, stakeQuote } from '../e2e/page/money-scenes.ts';

const order = (amount: bigint): MoneyOrder => ({
  account: { network: 'practice', coldkey },
  intent: { kind: 'transfer', to: friend, amountRao: rao(amount) },
});

describe('quotes', () => {
  let asked: { order: MoneyOrder; answer: (quote: MoneyQuote) => void; refuse: () => void }[];
  let states: Quoted[];
  let asker: QuoteAsker;
  const now = () => states.at(-1) as Quoted;
  const settle = () => vi.advanceTimersByTimeAsync(0);

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    asked = [];
    states = [];
    asker = new QuoteAsker(
      (one) =>
        new Promise((done) =>
          asked.push({
            order: one,
            answer: (value) => done({ value }),
            refuse: () => done({ error: { code: 'TIMEOUT', params: {} } }),
          }),
        ),
      (state) => states.push(state),
    );
  });
  afterEach(() => {
    asker.stop();
    vi.useRealTimers();
  });

  const quoted = async (amount = 1n, expiresAtMs = 1_030_000) => {
    asker.order(order(amount), 1);
    await vi.advanceTimersByTimeAsync(400);
    asked.at(-1)?.answer(stakeQuote(1_000_000, { expiresAtMs }));
    await settle();
  };

  it('are asked for when typing rests, once', async () => {
    asker.order(order(1n), 1);
    await vi.advanceTimersByTimeAsync(300);
    asker.order(order(12n), 1);
    asker.order(order(12n), 1);
    await vi.advanceTimersByTimeAsync(399);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.map((one) => one.order)).toEqual([order(12n)]);
  });

  it('of another order are gone at once', async () => {
    await quoted();
    expect(now().kind).toBe('found');
    asker.order(order(2n), 1);
    expect(now()).toEqual({ kind: 'asking', last: null });
    asker.order(null, 1);
    expect(now()).toEqual({ kind: 'none' });
  });

  it('that come late for an order before count for nothing', async () => {
    asker.order(order(1n), 1);
    await vi.advanceTimersByTimeAsync(400);
    asker.order(order(2n), 1);
    asked[0]?.answer(stakeQuote(0));
    await settle();
    expect(now()).toEqual({ kind: 'asking', last: null });
  });

  it('follow the blocks, and the last one stays to be read meanwhile', async () => {
    await quoted();
    asker.tick(1_003_000, 2);
    expect(asked).toHaveLength(1);
    // A form tells the same order anew with each block.
    asker.order(order(1n), 3);
    asker.tick(1_005_000, 3);
    expect(asked).toHaveLength(2);
    expect(lastOf(now())?.id).toBe(quoteId);
  });

  it('that are over are asked for again, without a new block', async () => {
    await quoted();
    asker.tick(1_029_000, 1);
    expect(asked).toHaveLength(1);
    asker.tick(1_030_000, 1);
    expect(asked).toHaveLength(2);
  });

  it('that are refused leave nothing that could be agreed to, and can be asked for again', async () => {
    await quoted();
    asker.tick(1_006_000, 2);
    asked[1]?.refuse();
    await settle();
    expect(now().kind).toBe('refused');
    expect(lastOf(now())).toBeNull();
    asker.again();
    expect(asked).toHaveLength(3);
  });
});

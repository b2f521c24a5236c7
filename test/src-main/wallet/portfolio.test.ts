import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../../src-main/network/reads/portfolio.ts';
import { holdingsOf } from '../../../src-main/wallet/portfolio.ts';
import { type QuoteGround, spendable } from '../../../src-main/wallet/quotes/ground.ts';
import { KEPT_FOR_FEES_RAO } from '../../../src-shared/contract/page/order.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';

const at = { block: 7, atMs: 1_000 };
const names = {
  subnet: (netuid: number) => (netuid === 38 ? 'Distributed Training' : null),
  hotkey: (address: string) => ({ name: address === 'mine' ? 'miner1' : null, isOwn: address === 'mine' }),
};
const position = (over: Partial<Position>): Position => ({
  netuid: 38,
  hotkey: ss58('mine'),
  stakeAlpha: alphaRao(2_000_000_000n),
  availableAlpha: alphaRao(2_000_000_000n),
  isRegistered: true,
  priceRao: rao(500_000_000n),
  exitRao: rao(990_000_000n),
  ...over,
});
const amount = fc.bigInt({ min: 0n, max: 21n * 10n ** 15n });
const anyPosition = fc
  .record({
    netuid: fc.nat(128),
    stakeAlpha: amount.map(alphaRao),
    priceRao: fc.option(amount.map(rao)),
    exitRao: fc.option(amount.map(rao)),
  })
  .map(position);
const holdings = (positions: readonly Position[], free = 5n) =>
  holdingsOf({ ...funds, freeRao: rao(free), positions }, at, names);
const funds = { reservedRao: null, frozenRao: rao(0n), depositRao: rao(500n) };

describe('what a portfolio comes to', () => {
  it('names subnets and own hotkeys, and works out the spot value', () => {
    const [stake] = holdings([position({})]).stakes;
    expect(stake).toEqual({
      netuid: 38,
      subnetName: 'Distributed Training',
      hotkey: 'mine',
      hotkeyName: 'miner1',
      isOwnHotkey: true,
      alpha: 2_000_000_000n,
      availableAlpha: 2_000_000_000n,
      priceRao: 500_000_000n,
      spotRao: 1_000_000_000n,
      exitRao: 990_000_000n,
    });
  });

  it('is free balance and exits, and unknown where one stake has no quote', () => {
    fc.assert(
      fc.property(fc.array(anyPosition), amount, (positions, free) => {
        const exits = positions.map(({ exitRao }) => exitRao);
        const sum = exits.reduce<bigint>((total, exit) => total + (exit ?? 0n), free);
        expect(holdings(positions, free).totalRao).toBe(exits.includes(null) ? null : sum);
      }),
    );
  });

  it('stakes all but what fees are paid from, and what is frozen pays none', () => {
    fc.assert(
      fc.property(amount, amount, (free, frozen) => {
        const balance = { freeRao: rao(free), reservedRao: rao(0n), frozenRao: rao(frozen) };
        const { stakeableRao } = holdingsOf({ ...funds, ...balance, positions: [] }, at, names);
        const left = spendable({ balance, depositRao: funds.depositRao } as QuoteGround) - stakeableRao;
        if (stakeableRao > 0n) expect(left).toBe(KEPT_FOR_FEES_RAO);
        else expect(left).toBeLessThanOrEqual(KEPT_FOR_FEES_RAO);
      }),
    );
  });

  it('loses no stake and shows the largest first, those without a quote last', () => {
    fc.assert(
      fc.property(fc.array(anyPosition), (positions) => {
        const { stakes } = holdings(positions);
        expect(stakes).toHaveLength(positions.length);
        const exits = stakes.map(({ exitRao }) => exitRao ?? -1n);
        expect(exits).toEqual(exits.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
      }),
    );
  });
});

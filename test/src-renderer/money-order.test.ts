import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  giveIntent,
  isMore,
  moveIntent,
  readNetuid,
  sendIntent,
  shownAmount,
  stakeIntent,
  unstakeIntent,
} from '../../src-renderer/state/money-order.ts';
import { readTolerance } from '../../src-renderer/state/tolerance.ts';
import { readAmount } from '../../src-renderer/state/typed-amount.ts';
import type { StakeView } from '../../src-shared/contract/page/money.ts';
import { stakeableRao } from '../../src-shared/contract/page/order.ts';
import { alphaRao, rao } from '../../src-shared/units.ts';
import { friend, holdings } from '../e2e/page/money-scenes.ts';
import { me } from '../e2e/page/scenes.ts';

const [mine, chutes] = holdings(0).stakes as readonly [StakeView, StakeView];
const typed = (text: string) => ({ text, isAll: false });
const all = { text: '', isAll: true };
const stake = (
  over: Partial<Parameters<typeof stakeIntent>[0]> = {},
  free: bigint | null = 12_000_000_000n,
) =>
  stakeIntent(
    { netuid: 38, hotkey: me, amount: typed('2'), toleranceBps: 100, ...over },
    free === null ? null : { freeRao: rao(free), stakeableRao: stakeable(free) },
  );
const stakeable = (free: bigint) => stakeableRao({ freeRao: rao(free), frozenRao: rao(0n) }, rao(500n));

describe('staking', () => {
  it('is of what was typed, to the last rao', () => {
    expect(stake({ amount: typed('2.000000001') })).toEqual({
      kind: 'stake',
      netuid: 38,
      hotkey: me,
      amountRao: 2_000_000_001n,
      toleranceBps: 100,
    });
  });

  it.each([
    ['no amount', { amount: typed('') }],
    ['a comma', { amount: typed('1,5') }],
    ['more than is free', { amount: typed('12.000000001') }],
    ['no hotkey', { hotkey: null }],
    ['no subnet', { netuid: null }],
    ['no tolerance', { toleranceBps: null }],
  ])('is nothing with %s', (_what, over) => {
    expect(stake(over)).toBeNull();
  });

  it('of all keeps back what fees are paid from', () => {
    expect(stake({ amount: all })).toMatchObject({ amountRao: 'all' });
    expect(stake({ amount: all }, 50_000_500n)).toBeNull();
    expect(stake({ amount: all }, 50_000_501n)).toMatchObject({ amountRao: 'all' });
    expect(stake({ amount: all }, null)).toBeNull();
  });

  it('shows all as a text that the field takes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 50_000_501n, max: 2n ** 63n }), (free) => {
        const text = shownAmount(all, stakeable(free));
        expect(readAmount(text)).toEqual({ amount: free - 50_000_500n });
        expect(isMore(typed(text), free)).toBe(false);
      }),
    );
  });
});

describe('what is taken from a stake', () => {
  it('is the chain’s own number where it is all', () => {
    expect(unstakeIntent(mine, all, 100)).toMatchObject({ kind: 'unstake', amountAlpha: 'all', netuid: 38 });
    expect(unstakeIntent({ ...mine, availableAlpha: alphaRao(0n) }, all, 100)).toBeNull();
  });

  it('is no more than is not locked', () => {
    expect(unstakeIntent(chutes, typed('20'), 100)).toMatchObject({ amountAlpha: 20_000_000_000n });
    expect(unstakeIntent(chutes, typed('20.1'), 100)).toBeNull();
  });

  it('moves within its subnet, and not onto itself', () => {
    expect(moveIntent(mine, typed('1'), friend)).toMatchObject({
      fromHotkey: me,
      toHotkey: friend,
      netuid: 38,
    });
    expect(moveIntent(mine, typed('1'), me)).toBeNull();
    // A lock stays where the stake does.
    const locked = { ...mine, availableAlpha: alphaRao(0n) };
    expect(moveIntent(locked, all, friend)).toMatchObject({ amountAlpha: 'all' });
    expect(moveIntent(locked, typed('1'), friend)).toMatchObject({ amountAlpha: 1_000_000_000n });
    expect(giveIntent(locked, all, friend)).toBeNull();
    expect(giveIntent(mine, all, friend)).toMatchObject({ toColdkey: friend, amountAlpha: 'all' });
    expect(giveIntent(mine, all, null)).toBeNull();
  });
});

describe('sending', () => {
  it('needs an address and an amount that is there', () => {
    expect(sendIntent(friend, typed('1.5'), 2_000_000_000n)).toMatchObject({ amountRao: 1_500_000_000n });
    expect(sendIntent(friend, all, 2_000_000_000n)).toMatchObject({ amountRao: 'all' });
    expect(sendIntent(null, typed('1.5'), 2_000_000_000n)).toBeNull();
    expect(sendIntent(friend, typed('2.1'), 2_000_000_000n)).toBeNull();
  });
});

it.each([
  ['1', 100],
  ['0.1', 10],
  ['5', 500],
  ['0.55', 55],
  ['0.09', null],
  ['5.01', null],
  ['1,5', null],
  ['1 %', null],
  ['', null],
  ['1e0', null],
])('a tolerance of %j is %j', (text, bps) => {
  expect(readTolerance(text)).toBe(bps);
});

it.each([
  ['38', 38],
  ['0', 0],
  ['65535', 65_535],
  ['65536', null],
  ['-1', null],
  ['3.8', null],
  ['', null],
])('subnet %j is %j', (text, netuid) => {
  expect(readNetuid(text)).toBe(netuid);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seatOf } from '../../../src-shared/economics/seat.ts';
import { alphaRao, type Ss58, ss58 } from '../../../src-shared/units.ts';

const ALPHA = 1_000_000_000n;
const staked = (hotkey: string, alpha: bigint, validatorPermit: boolean) => ({
  ...{ hotkey: ss58(hotkey), validatorPermit },
  stakeAlpha: alphaRao(alpha),
});

describe('the seat of a validator', () => {
  const neurons = [
    staked('me', 30n * ALPHA, false),
    staked('large', 900n * ALPHA, true),
    staked('least', 50n * ALPHA, true),
    staked('idle', 0n, false),
  ];

  it('lacks one rao more than what keeps it below the lowest permitted', () => {
    const seat = seatOf(neurons, ss58('me'), 2);
    expect(seat).toMatchObject({ hasPermit: false, permits: 2, lowestAlpha: 50n * ALPHA });
    expect(seat.gapAlpha).toBe(20n * ALPHA + 1n);
    expect(seat.marginAlpha).toBeNull();
  });

  it('lacks nothing while a place is free, or with a permit', () => {
    expect(seatOf(neurons, ss58('me'), 64).gapAlpha).toBe(0n);
    const seated = seatOf(neurons, ss58('least'), 2);
    expect(seated).toMatchObject({ hasPermit: true, permits: 2, gapAlpha: 0n, marginAlpha: 20n * ALPHA });
    expect(seated.lowestAlpha).toBe(900n * ALPHA);
  });

  it('is exact above what a double holds', () => {
    const large = 2n ** 60n;
    const seat = seatOf([staked('me', large, false), staked('one', large + 1n, true)], ss58('me'), 1);
    expect(seat.gapAlpha).toBe(2n);
  });

  it('says what is not known, and of a hotkey that is not there', () => {
    expect(seatOf(neurons, ss58('me'), null)).toMatchObject({ places: null, gapAlpha: 20n * ALPHA + 1n });
    expect(seatOf(neurons, null, 2)).toMatchObject({ hasPermit: false, stakeAlpha: 0n });
    expect(seatOf([], ss58('me'), 2)).toMatchObject({ lowestAlpha: null, permits: 0, gapAlpha: 0n });
  });

  it('names a gap that, once staked, is more than the lowest has, and no rao too much', () => {
    const amount = fc.bigInt({ min: 0n, max: 2n ** 62n });
    fc.assert(
      fc.property(amount, fc.array(amount, { minLength: 1, maxLength: 8 }), (own, others) => {
        const all = [staked('me', own, false), ...others.map((alpha, i) => staked(`v${i}`, alpha, true))];
        const { gapAlpha, lowestAlpha } = seatOf(all, 'me' as Ss58, others.length);
        if (lowestAlpha === null) return false;
        const after = own + gapAlpha;
        return after > lowestAlpha && (gapAlpha === 0n || after - 1n <= lowestAlpha);
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmountFault, amountOf, amountText, readAmount } from '../../src-renderer/state/typed-amount.ts';
import { MOST_RAO, parseTao } from '../../src-shared/amount.ts';

describe('an amount field', () => {
  it.each([
    ['1.5', 1_500_000_000n],
    ['0.000000001', 1n],
    ['18446744073.709551615', MOST_RAO],
    ['007', 7_000_000_000n],
  ])('takes %s', (text, amount) => {
    expect(readAmount(text)).toEqual({ amount });
  });

  it.each<[string, AmountFault]>([
    ['', 'empty'],
    ['1,5', 'comma'],
    ['1.234,56', 'comma'],
    ['1,234.56', 'comma'],
    ['0,1', 'comma'],
    ['.5', 'point'],
    ['1.', 'point'],
    ['.', 'point'],
    ['1.2.3', 'point'],
    ['1e3', 'exponent'],
    ['1e', 'exponent'],
    ['١٫٥', 'digits'],
    ['１.5', 'digits'],
    ['+1', 'sign'],
    ['-1', 'sign'],
    ['−1', 'sign'],
    ['0x10', 'letters'],
    ['NaN', 'letters'],
    ['τ1', 'letters'],
    [' 1.5 ', 'blank'],
    ['1 000', 'blank'],
    ['1\u200b', 'blank'],
    ['0.0000000001', 'places'],
    ['18446744073.709551616', 'large'],
    ['9'.repeat(40), 'large'],
    ['0', 'zero'],
    ['0.000000000', 'zero'],
  ])('refuses %j for its %s', (text, fault) => {
    expect(readAmount(text)).toEqual({ fault });
  });

  it('agrees with the one rule about every text, and has a fault for every other', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d.,e+ -]{0,24}$/)), (text) => {
        const amount = parseTao(text);
        expect(amountOf(readAmount(text))).toBe(amount === 0n ? null : amount);
      }),
    );
  });

  it('takes the text of "All" as the very number that it stands for', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MOST_RAO }), (all) => {
        expect(readAmount(amountText(all))).toEqual({ amount: all });
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { tao } from '../../src-main/commands/values.ts';
import { consentOf } from '../../src-renderer/state/join-rules.ts';
import { MOST_RAO, parseNumber, parseTao } from '../../src-shared/amount.ts';
import type { JoinQuote } from '../../src-shared/contract/page/join.ts';

/** What people typed into amount fields elsewhere, and the one thing that each may mean here; null: it is refused. */
const typed: readonly (readonly [string, bigint | null])[] = [
  ['1', 1_000_000_000n],
  ['1.5', 1_500_000_000n],
  ['0', 0n],
  ['0.05', 50_000_000n],
  ['0.000000001', 1n],
  ['9007199.254740993', 9_007_199_254_740_993n],
  ['18446744073.709551615', MOST_RAO],
  ['18446744073.709551616', null],
  ['99999999999999999999999', null],
  ['0.0000000001', null],
  ['1,5', null],
  ['0,1', null],
  ['1,000', null],
  ['1.234,56', null],
  ['1,234.56', null],
  ['1 000.5', null],
  ["1'000", null],
  ['1.2.3', null],
  ['.5', null],
  ['.', null],
  ['1.', null],
  ['5.', null],
  ['1e3', null],
  ['0x10', null],
  ['١٫٥', null],
  ['１.5', null],
  ['+1', null],
  ['-1', null],
  [' 1.5 ', null],
  ['1.5\n', null],
  ['τ 1', null],
  ['NaN', null],
  ['Infinity', null],
  ['', null],
];

const quote = {
  uid: null,
  maySpend: true,
  registrationCostRao: null,
  freeRao: null,
  problem: null,
} as unknown as JoinQuote;

describe('an amount in TAO', () => {
  it.each(typed)('%j is read as %s', (text, amount) => {
    expect(parseTao(text)).toBe(amount);
  });

  it.each(typed)('%j means the same at the terminal and on the page: %s', (text, amount) => {
    expect(tao.read(text)).toBe(amount);
    const consent = consentOf(quote, 'miner', { limit: text, stake: '' });
    if (amount === null)
      expect(consent).toEqual({ at: 'limit', error: { code: 'AMOUNT_INVALID', params: { text } } });
    else expect(consent).toEqual({ registrationLimitRao: amount, stakeRao: null });
  });
});

describe('a number of a setting', () => {
  it.each([
    ['3', 3],
    ['0.0001', 0.0001],
    ['65535', 65_535],
  ])('%s is read', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  it.each(['1e2', '0x10', '0b1', '1,5', '+1', '-1', '1.', '.5', ' 1', '1_000', 'Infinity', ''])(
    '%j is none',
    (text) => {
      expect(parseNumber(text)).toBeNull();
    },
  );
});

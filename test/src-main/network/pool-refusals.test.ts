import { expect, it } from 'vitest';
import { poolRefusal } from '../../../src-main/network/pool-refusals.ts';

it('names what a pool refuses by a number, and passes on the rest as it is', () => {
  expect(poolRefusal('Custom error: 5')).toBe('NotEnoughStakeToWithdraw');
  expect(poolRefusal('Custom error: 8')).toBe('SlippageTooHigh');
  for (const unknown of ['Custom error: 200', 'Custom error: 1000', 'Transaction is outdated', ''])
    expect(poolRefusal(unknown)).toBe(unknown);
});

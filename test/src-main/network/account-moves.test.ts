import { expect, it } from 'vitest';
import { accountEventsIn, completed } from '../../../src-main/network/reads/account-moves.ts';
import { ss58 } from '../../../src-shared/units.ts';

const coldkey = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const other = ss58('5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy');
const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const sold = {
  ...{ name: 'SubtensorModule.StakeRemoved', data: [coldkey, hotkey, 1_000, 5_000, 38, 0], extrinsic: 2 },
};
const feeOf = (who: string, extrinsic: number) => ({
  ...{ name: 'TransactionPayment.TransactionFeePaid', data: [who, 135, 0], extrinsic },
});
const inAlpha = (who: string) => ({
  ...{ name: 'SubtensorModule.TransactionFeePaidWithAlpha', data: [who, 38, 700, 135], extrinsic: 2 },
});
const told = (...events: Parameters<typeof accountEventsIn>[0]) => accountEventsIn(events, coldkey);

it('a fee that was paid in alpha took no TAO, and brought none', () => {
  const moves = completed(told(sold, inAlpha(coldkey), feeOf(coldkey, 2), feeOf(coldkey, 3)), 865n);
  expect(moves.map(({ kind, taoRao, extrinsic }) => [kind, taoRao, extrinsic])).toEqual([
    ['unstake', 1_000n, 2],
    // One of another transaction stays.
    ['network-fee', -135n, 3],
  ]);
});

it("another payer's fee in alpha changes nothing", () => {
  const { moves } = told(sold, inAlpha(other), feeOf(coldkey, 2));
  expect(moves.map(({ kind }) => kind)).toEqual(['unstake', 'network-fee']);
});

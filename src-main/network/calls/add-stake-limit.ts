import { taoText } from '../../../src-shared/units.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Stakes to a hotkey, and fails without exchange above the limit price. */
export const addStakeLimit: CallSpec<CallOf<'addStakeLimit'>> = {
  nameOn: () => 'SubtensorModule.add_stake_limit',
  build: (session, netuid, { hotkey, amountRao, limitPriceRao }) =>
    extrinsicOf(session, 'SubtensorModule.add_stake_limit', {
      hotkey,
      netuid,
      amountStaked: amountRao,
      limitPrice: limitPriceRao,
      allowPartial: false,
    }),
  describe: (netuid, { hotkey, amountRao, limitPriceRao }) =>
    `stake ${taoText(amountRao)} to ${hotkey} on subnet ${netuid}, at most ${taoText(limitPriceRao)} for one alpha`,
};

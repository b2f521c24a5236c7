import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { staked } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { partly, taoIn } from './words.ts';

/** Stakes to a hotkey, and never above the limit price. */
export const addStakeLimit: CallSpec<CallOf<'addStakeLimit'>> = {
  names: ['SubtensorModule.add_stake_limit'],
  build: (session, netuid, { hotkey, amountRao, limitPriceRao, allowPartial }) =>
    extrinsicOf(session, 'SubtensorModule.add_stake_limit', {
      ...{ hotkey, netuid, allowPartial },
      amountStaked: amountRao,
      limitPrice: limitPriceRao,
    }),
  say: (args) =>
    `stake ${taoIn(args, 'amountStaked')}${partly(args)} to ${args.account('hotkey')} on subnet ${args.count('netuid')}, at most ${taoIn(args, 'limitPrice')} for one alpha`,
  effect: (events, { hotkey }) => staked(events, 'StakeAdded', hotkey),
};

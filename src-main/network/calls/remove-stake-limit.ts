import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { staked } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { alphaIn, partly, taoIn } from './words.ts';

/** Takes alpha out of a hotkey's stake for TAO, and never below the limit price. */
export const removeStakeLimit: CallSpec<CallOf<'removeStakeLimit'>> = {
  names: ['SubtensorModule.remove_stake_limit'],
  build: (session, netuid, { hotkey, amountAlpha, limitPriceRao, allowPartial }) =>
    extrinsicOf(session, 'SubtensorModule.remove_stake_limit', {
      ...{ hotkey, netuid, allowPartial },
      amountUnstaked: amountAlpha,
      limitPrice: limitPriceRao,
    }),
  say: (args) =>
    `take ${alphaIn(args, 'amountUnstaked')}${partly(args)} from ${args.account('hotkey')} on subnet ${args.count('netuid')}, for at least ${taoIn(args, 'limitPrice')} each`,
  effect: (events, { hotkey }) => staked(events, 'StakeRemoved', hotkey),
};

import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { alphaIn, partly } from './words.ts';

/**
 * Brings stake of a hotkey here from another subnet: sold there and bought here, within one limit. Root as the place to
 * go to is the way out of any subnet.
 */
export const swapStakeLimit: CallSpec<CallOf<'swapStakeLimit'>> = {
  names: ['SubtensorModule.swap_stake_limit'],
  build: (session, netuid, { hotkey, fromNetuid, amountAlpha, limitRatio, allowPartial }) =>
    extrinsicOf(session, 'SubtensorModule.swap_stake_limit', {
      ...{ hotkey, allowPartial },
      originNetuid: fromNetuid,
      destinationNetuid: netuid,
      alphaAmount: amountAlpha,
      limitPrice: limitRatio,
    }),
  say: (args) =>
    `move ${alphaIn(args, 'alphaAmount')}${partly(args)} of ${args.account('hotkey')} from subnet ${args.count('originNetuid')} to subnet ${args.count('destinationNetuid')}, at a price ratio of at least ${args.amount('limitPrice')} in 10^9`,
  effect: (events) => happened(events, 'StakeSwapped'),
};

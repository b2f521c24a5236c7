import { rao, taoText } from '../../../src-shared/units.ts';
import type { CallOf } from '../chain.ts';
import { anyUint, parse } from '../storage.ts';
import type { CallSpec } from './call.ts';
import { staked } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Takes all alpha out of a hotkey's stake: the chain's own number, so that no dust stays behind. Never a part. */
export const removeStakeFullLimit: CallSpec<CallOf<'removeStakeFullLimit'>> = {
  names: ['SubtensorModule.remove_stake_full_limit'],
  build: (session, netuid, { hotkey, limitPriceRao }) =>
    extrinsicOf(session, 'SubtensorModule.remove_stake_full_limit', {
      ...{ hotkey, netuid },
      limitPrice: limitPriceRao,
    }),
  say(args) {
    const limit = args.plain('limitPrice');
    const price = limit === null ? 'whatever it brings' : taoText(rao(parse(anyUint, limit)));
    return `take all alpha from ${args.account('hotkey')} on subnet ${args.count('netuid')}, for at least ${price} each`;
  },
  effect: (events, { hotkey }) => staked(events, 'StakeRemoved', hotkey),
};

import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { alphaIn } from './words.ts';

/** Moves stake to another hotkey on the same subnet: nothing is exchanged. Between subnets it would be, at no limit. */
export const moveStake: CallSpec<CallOf<'moveStake'>> = {
  names: ['SubtensorModule.move_stake'],
  build: (session, netuid, { fromHotkey, toHotkey, amountAlpha }) =>
    extrinsicOf(session, 'SubtensorModule.move_stake', {
      originHotkey: fromHotkey,
      destinationHotkey: toHotkey,
      originNetuid: netuid,
      destinationNetuid: netuid,
      alphaAmount: amountAlpha,
    }),
  say: (args) =>
    `move ${alphaIn(args, 'alphaAmount')} from ${args.account('originHotkey')} on subnet ${args.count('originNetuid')} to ${args.account('destinationHotkey')} on subnet ${args.count('destinationNetuid')}`,
  effect: (events) => happened(events, 'StakeMoved'),
};

import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { alphaIn } from './words.ts';

/** Gives stake to another coldkey on the same subnet, where its owner allows that. */
export const transferStake: CallSpec<CallOf<'transferStake'>> = {
  names: ['SubtensorModule.transfer_stake'],
  build: (session, netuid, { toColdkey, hotkey, amountAlpha }) =>
    extrinsicOf(session, 'SubtensorModule.transfer_stake', {
      destinationColdkey: toColdkey,
      hotkey,
      originNetuid: netuid,
      destinationNetuid: netuid,
      alphaAmount: amountAlpha,
    }),
  say: (args) =>
    `give ${alphaIn(args, 'alphaAmount')} on ${args.account('hotkey')} of subnet ${args.count('originNetuid')} to ${args.account('destinationColdkey')} on subnet ${args.count('destinationNetuid')}`,
  effect: (events) => happened(events, 'StakeTransferred'),
};

import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** From then on what this coldkey's miners earn on the subnet is staked to that hotkey. */
export const setAutoStake: CallSpec<CallOf<'setAutoStake'>> = {
  names: ['SubtensorModule.set_coldkey_auto_stake_hotkey'],
  build: (session, netuid, { hotkey }) =>
    extrinsicOf(session, 'SubtensorModule.set_coldkey_auto_stake_hotkey', { netuid, hotkey }),
  say: (args) =>
    `stake what miners earn on subnet ${args.count('netuid')} to ${args.account('hotkey')} from now on`,
};

import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { transferred } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { taoIn } from './words.ts';

/** Sends TAO to another account, and never so much that the own one would be removed. */
export const transfer: CallSpec<CallOf<'transfer'>> = {
  names: ['Balances.transfer_keep_alive'],
  build: (session, _netuid, { to, amountRao }) =>
    extrinsicOf(session, 'Balances.transfer_keep_alive', { dest: to, value: amountRao }),
  say: (args) => `send ${taoIn(args, 'value')} to ${args.account('dest')}`,
  effect: (events, { to }) => transferred(events, to),
};

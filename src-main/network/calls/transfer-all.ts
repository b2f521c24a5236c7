import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { transferred } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Sends all TAO that is free to another account: the chain's own number, after the fee. */
export const transferAll: CallSpec<CallOf<'transferAll'>> = {
  names: ['Balances.transfer_all'],
  build: (session, _netuid, { to, keepAlive }) =>
    extrinsicOf(session, 'Balances.transfer_all', { dest: to, keepAlive }),
  say: (args) =>
    `send all TAO to ${args.account('dest')}${args.flag('keepAlive') ? ', but for what keeps the account' : ''}`,
  effect: (events, { to }) => transferred(events, to),
};

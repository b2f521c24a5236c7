import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Starts the emission of a subnet; its owner alone may. */
export const startCall: CallSpec<CallOf<'startCall'>> = {
  names: ['SubtensorModule.start_call'],
  build: (session, netuid) => extrinsicOf(session, 'SubtensorModule.start_call', { netuid }),
  say: (args) => `start emission on subnet ${args.count('netuid')}`,
};

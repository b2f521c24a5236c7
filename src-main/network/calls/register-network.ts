import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { opened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Opens a subnet of one's own: the chain takes its price, and gives the next number that is free. */
export const registerNetwork: CallSpec<CallOf<'registerNetwork'>> = {
  names: ['SubtensorModule.register_network'],
  build: (session, _netuid, { hotkey }) =>
    extrinsicOf(session, 'SubtensorModule.register_network', { hotkey }),
  say: (args) => `open a subnet with the owner hotkey ${args.account('hotkey')}, for whatever it costs then`,
  effect: opened,
};

import { type CallName, ownerCalls } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Changes one rule of a subnet; its owner alone may. */
export const setHyperparameter: CallSpec<CallOf<'setHyperparameter'>> = {
  names: Object.keys(ownerCalls) as CallName[],
  build: (session, netuid, { call, value }) =>
    extrinsicOf(session, call, { netuid, [ownerCalls[call]]: value }),
  say(args, name) {
    const argument = ownerCalls[name as keyof typeof ownerCalls];
    return `set ${name.split('sudo_set_')[1]?.replaceAll('_', ' ')} of subnet ${args.count('netuid')} to ${args.plain(argument)}`;
  },
};

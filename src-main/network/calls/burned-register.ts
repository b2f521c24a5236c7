import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { registered } from './effects.ts';
import { extrinsicOf, firstPresent } from './extrinsic.ts';
import { taoIn } from './words.ts';

/** Newer runtimes take the limit themselves; on older ones the price is read right before signing. */
const names: readonly CallName[] = ['SubtensorModule.register_limit', 'SubtensorModule.burned_register'];

/** Buys the hotkey a place on the subnet, for at most the limit. */
export const burnedRegister: CallSpec<CallOf<'burnedRegister'>> = {
  names,
  build(session, netuid, { hotkey, limitRao }) {
    const name = firstPresent(session, names);
    const place = { netuid, hotkey };
    const isCapped = name === 'SubtensorModule.register_limit';
    return extrinsicOf(session, name, isCapped ? { ...place, limitPrice: limitRao } : place);
  },
  say(args, name) {
    const price =
      name === 'SubtensorModule.register_limit'
        ? `at most ${taoIn(args, 'limitPrice')}`
        : 'whatever it costs then';
    return `register ${args.account('hotkey')} on subnet ${args.count('netuid')} for ${price}`;
  },
  effect: (events, { hotkey }) => registered(events, hotkey),
};

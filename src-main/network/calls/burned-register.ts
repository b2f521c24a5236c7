import type { CallName } from '../../../src-shared/chain/calls.ts';
import { taoText } from '../../../src-shared/units.ts';
import type { CallOf } from '../chain.ts';
import type { Session } from '../session.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf, hasCall } from './extrinsic.ts';

/** Newer runtimes take the limit themselves; on older ones the price is read right before signing. */
const nameOn = (session: Session): CallName =>
  hasCall(session, 'SubtensorModule.register_limit')
    ? 'SubtensorModule.register_limit'
    : 'SubtensorModule.burned_register';

/** Buys the hotkey a place on the subnet, for at most the limit. */
export const burnedRegister: CallSpec<CallOf<'burnedRegister'>> = {
  nameOn,
  build(session, netuid, { hotkey, limitRao }) {
    const name = nameOn(session);
    const place = { netuid, hotkey };
    return extrinsicOf(
      session,
      name,
      name === 'SubtensorModule.register_limit' ? { ...place, limitPrice: limitRao } : place,
    );
  },
  describe: (netuid, { hotkey, limitRao }) =>
    `register ${hotkey} on subnet ${netuid} for at most ${taoText(limitRao)}`,
};

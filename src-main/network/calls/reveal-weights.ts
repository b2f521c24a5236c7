import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { mechanismIn } from './words.ts';

const PLAIN: CallName = 'SubtensorModule.reveal_weights';
const OF_MECHANISM: CallName = 'SubtensorModule.reveal_mechanism_weights';

/** Says weights whose hash was committed. */
export const revealWeights: CallSpec<CallOf<'revealWeights'>> = {
  names: [PLAIN, OF_MECHANISM],
  build: (session, netuid, { weights, salt, versionKey, mechanism }) =>
    extrinsicOf(session, mechanism === 0 ? PLAIN : OF_MECHANISM, {
      netuid,
      mecid: mechanism,
      uids: weights.map(({ uid }) => uid),
      values: weights.map(({ weight }) => weight),
      salt: [...salt],
      versionKey,
    }),
  say: (args, name) =>
    `tell the committed weights of ${args.length('uids')} uids on subnet ${args.count('netuid')}${mechanismIn(args, name)}`,
  effect: (events) => happened(events, 'WeightsRevealed'),
};

import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf, firstPresent } from './extrinsic.ts';
import { mechanismIn } from './words.ts';

/** Newest first; the older form knows no version of the cipher. */
const plain: readonly CallName[] = [
  'SubtensorModule.commit_timelocked_weights',
  'SubtensorModule.commit_crv3_weights',
];
const mechanisms: readonly CallName[] = [
  'SubtensorModule.commit_timelocked_mechanism_weights',
  'SubtensorModule.commit_crv3_mechanism_weights',
];

/** Weights under a time lock: the chain itself opens them once the beacon's round has come. */
export const commitWeights: CallSpec<CallOf<'commitWeights'>> = {
  names: [...plain, ...mechanisms],
  build(session, netuid, { cipher, revealRound, version, mechanism }) {
    const name = firstPresent(session, mechanism === 0 ? plain : mechanisms);
    return extrinsicOf(session, name, {
      netuid,
      mecid: mechanism,
      commit: `0x${Buffer.from(cipher).toString('hex')}`,
      revealRound,
      commitRevealVersion: version,
    });
  },
  say: (args, name) =>
    `commit weights on subnet ${args.count('netuid')}${mechanismIn(args, name)}, hidden until round ${args.amount('revealRound')} of the beacon`,
  effect: (events) =>
    happened(events, 'TimelockedWeightsCommitted') ?? happened(events, 'CRV3WeightsCommitted'),
};

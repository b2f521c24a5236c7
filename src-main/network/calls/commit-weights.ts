import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { mechanismIn } from './words.ts';

/** Older forms under a lock (`commit_crv3_…`) hide another payload: there weights are committed by their hash. */
const names: readonly CallName[] = [
  'SubtensorModule.commit_timelocked_weights',
  'SubtensorModule.commit_timelocked_mechanism_weights',
];

/** Weights under a time lock: the chain itself opens them once the beacon's round has come. */
export const commitWeights: CallSpec<CallOf<'commitWeights'>> = {
  names,
  build(session, netuid, { cipher, revealRound, version, mechanism }) {
    const [plain, ofMechanism] = names as [CallName, CallName];
    return extrinsicOf(session, mechanism === 0 ? plain : ofMechanism, {
      netuid,
      mecid: mechanism,
      commit: `0x${Buffer.from(cipher).toString('hex')}`,
      revealRound,
      commitRevealVersion: version,
    });
  },
  say: (args, name) =>
    `commit weights on subnet ${args.count('netuid')}${mechanismIn(args, name)}, hidden until round ${args.amount('revealRound')} of the beacon`,
  effect: (events) => happened(events, 'TimelockedWeightsCommitted'),
};

import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { mechanismIn } from './words.ts';

const PLAIN: CallName = 'SubtensorModule.commit_weights';
const OF_MECHANISM: CallName = 'SubtensorModule.commit_mechanism_weights';

/** The older way to hide weights: the chain is told their hash, and who sent it has to say them later. */
export const commitWeightsHash: CallSpec<CallOf<'commitWeightsHash'>> = {
  names: [PLAIN, OF_MECHANISM],
  build: (session, netuid, { hash, mechanism }) =>
    extrinsicOf(session, mechanism === 0 ? PLAIN : OF_MECHANISM, {
      netuid,
      mecid: mechanism,
      commitHash: `0x${hash}`,
    }),
  say: (args, name) =>
    `commit weights on subnet ${args.count('netuid')}${mechanismIn(args, name)} by the hash ${args.hex('commitHash')}, to be told later`,
  effect: (events) => happened(events, 'WeightsCommitted'),
};

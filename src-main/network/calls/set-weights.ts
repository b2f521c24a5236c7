import type { CallName } from '../../../src-shared/chain/calls.ts';
import type { CallOf } from '../chain.ts';
import { weightsVersion } from '../reads/weights-version.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';
import { mechanismIn } from './words.ts';

const names: readonly CallName[] = ['SubtensorModule.set_weights', 'SubtensorModule.set_mechanism_weights'];

/** A validator's word on what each miner is worth. */
export const setWeights: CallSpec<CallOf<'setWeights'>> = {
  names,
  async build(session, netuid, { weights, mechanism }, signal) {
    const values = {
      netuid,
      dests: weights.map(({ uid }) => uid),
      weights: weights.map(({ weight }) => weight),
      versionKey: await weightsVersion(session, netuid, null, signal),
    };
    // Runtimes without mechanisms have the first one alone, under the plain name.
    return mechanism === 0
      ? extrinsicOf(session, 'SubtensorModule.set_weights', values)
      : extrinsicOf(session, 'SubtensorModule.set_mechanism_weights', { ...values, mecid: mechanism });
  },
  say: (args, name) =>
    `set weights of ${args.length('dests')} uids on subnet ${args.count('netuid')}${mechanismIn(args, name)}`,
  effect: (events) => happened(events, 'WeightsSet'),
};

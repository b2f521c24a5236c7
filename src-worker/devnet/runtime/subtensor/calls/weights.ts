import type { CallRule } from '../../pallet.ts';
import { commitTimelocked } from '../timelocked.ts';
import { setMechanismWeights, setWeights } from '../weights.ts';

export const weightCalls: Readonly<Record<string, CallRule>> = {
  set_weights: {
    index: 0,
    args: { netuid: 'u16 as NetUid', dests: 'Vec<u16>', weights: 'Vec<u16>', version_key: 'u64' },
    refTime: 100_000_000,
    pays: false,
    run: setWeights,
  },
  commit_timelocked_weights: {
    index: 113,
    args: {
      netuid: 'u16 as NetUid',
      commit: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<MAX_CRV3_COMMIT_SIZE_BYTES>>',
      reveal_round: 'u64',
      commit_reveal_version: 'u16',
    },
    refTime: 80_000_000,
    pays: false,
    run: commitTimelocked,
  },
  commit_timelocked_mechanism_weights: {
    index: 118,
    args: {
      netuid: 'u16 as NetUid',
      mecid: 'u8 as MechId',
      commit: 'BoundedVec<u8> as BoundedVec<u8, ConstU32<MAX_CRV3_COMMIT_SIZE_BYTES>>',
      reveal_round: 'u64',
      commit_reveal_version: 'u16',
    },
    refTime: 80_000_000,
    pays: false,
    run: commitTimelocked,
  },
  set_mechanism_weights: {
    index: 119,
    args: {
      netuid: 'u16 as NetUid',
      mecid: 'u8 as MechId',
      dests: 'Vec<u16>',
      weights: 'Vec<u16>',
      version_key: 'u64',
    },
    refTime: 100_000_000,
    pays: false,
    run: setMechanismWeights,
  },
};

import type { CallRule } from '../../pallet.ts';
import { setMechanismWeights, setWeights } from '../weights.ts';

export const weightCalls: Readonly<Record<string, CallRule>> = {
  set_weights: {
    index: 0,
    args: { netuid: 'u16', dests: 'Vec<u16>', weights: 'Vec<u16>', version_key: 'u64' },
    refTime: 100_000_000,
    pays: false,
    run: setWeights,
  },
  set_mechanism_weights: {
    index: 119,
    args: {
      netuid: 'u16',
      mecid: 'u8',
      dests: 'Vec<u16>',
      weights: 'Vec<u16>',
      version_key: 'u64',
    },
    refTime: 100_000_000,
    pays: false,
    run: setMechanismWeights,
  },
};

import type { Pallet } from '../pallet.ts';
import { movingCalls } from './calls/moving.ts';
import { networkCalls } from './calls/networks.ts';
import { neuronCalls } from './calls/neurons.ts';
import { stakingCalls } from './calls/staking.ts';
import { weightCalls } from './calls/weights.ts';
import { subtensorErrors } from './failures.ts';
import { subnets } from './storage.ts';

const A = 'AccountId32';

export const subtensor: Pallet = {
  name: 'SubtensorModule',
  index: 7,
  crate: 'pallet_subtensor',
  storage: subnets,
  calls: { ...weightCalls, ...neuronCalls, ...stakingCalls, ...movingCalls, ...networkCalls },
  events: {
    NetworkAdded: [0, ['u16', 'u16']],
    StakeAdded: [2, [A, A, 'u64', 'u64', 'u16', 'u64']],
    StakeRemoved: [3, [A, A, 'u64', 'u64', 'u16', 'u64']],
    StakeMoved: [4, [A, A, 'u16', A, 'u16', 'u64']],
    WeightsSet: [5, ['u16', 'u16']],
    NeuronRegistered: [6, ['u16', 'u16', A]],
    AxonServed: [28, ['u16', A]],
    SubnetIdentitySet: [76, ['u16']],
    StakeTransferred: [89, [A, A, A, 'u16', 'u16', 'u64']],
    StakeSwapped: [90, [A, A, 'u16', 'u16', 'u64']],
    FirstEmissionBlockNumberSet: [93, ['u16', 'u64']],
    TimelockedWeightsCommitted: [105, [A, 'u16', 'H256', 'u64']],
    TimelockedWeightsRevealed: [106, ['u16', A]],
    AutoStakeAdded: [107, { netuid: 'u16', destination: A, hotkey: A, owner: A, incentive: 'u64' }],
    IncentiveAlphaEmittedToMiners: [108, { netuid: 'u16', emissions: 'Vec<u64>' }],
    AutoStakeDestinationSet: [110, { coldkey: A, netuid: 'u16', hotkey: A }],
  },
  errors: subtensorErrors,
  constants: { InitialTempo: ['u16', 360], InitialSubnetOwnerCut: ['u16', 11_796] },
};

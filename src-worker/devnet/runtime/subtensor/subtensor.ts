import type { Pallet } from '../pallet.ts';
import { movingCalls } from './calls/moving.ts';
import { networkCalls } from './calls/networks.ts';
import { neuronCalls } from './calls/neurons.ts';
import { stakingCalls } from './calls/staking.ts';
import { weightCalls } from './calls/weights.ts';
import { described } from './described.ts';
import { subtensorEvents } from './events.ts';
import { subtensorErrors } from './failures.ts';
import { subnets } from './storage.ts';

export const subtensor: Pallet = {
  name: 'SubtensorModule',
  index: 7,
  crate: 'pallet_subtensor',
  storage: { ...described, ...subnets },
  calls: { ...weightCalls, ...neuronCalls, ...stakingCalls, ...movingCalls, ...networkCalls },
  events: subtensorEvents,
  errors: subtensorErrors,
  constants: { InitialTempo: ['u16', 360], InitialSubnetOwnerCut: ['u16', 11_796] },
};

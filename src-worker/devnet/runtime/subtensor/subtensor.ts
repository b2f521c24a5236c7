import type { Pallet } from '../pallet.ts';
import { childrenCalls } from './calls/children.ts';
import { movingCalls } from './calls/moving.ts';
import { networkCalls } from './calls/networks.ts';
import { neuronCalls } from './calls/neurons.ts';
import { rootCalls } from './calls/root.ts';
import { stakingCalls } from './calls/staking.ts';
import { weightCalls } from './calls/weights.ts';
import { childrenItems } from './children-items.ts';
import { subtensorConstants } from './constants.ts';
import { described } from './described.ts';
import { subtensorEvents } from './events.ts';
import { subtensorErrors } from './failures.ts';
import { newer } from './newer.ts';
import { rootItems } from './root-items.ts';
import { subnets } from './storage.ts';

export const subtensor: Pallet = {
  name: 'SubtensorModule',
  index: 7,
  crate: 'pallet_subtensor',
  storage: { ...described, ...newer, ...rootItems, ...childrenItems, ...subnets },
  calls: {
    ...weightCalls,
    ...neuronCalls,
    ...stakingCalls,
    ...movingCalls,
    ...networkCalls,
    ...rootCalls,
    ...childrenCalls,
  },
  events: subtensorEvents,
  errors: subtensorErrors,
  constants: subtensorConstants,
};

import type { AnyItem } from '../item.ts';
import type { Pallet } from '../pallet.ts';
import type { Release } from '../release.ts';
import { childrenCalls } from './calls/children.ts';
import { movingCalls } from './calls/moving.ts';
import { networkCalls } from './calls/networks.ts';
import { neuronCalls, registerLimit } from './calls/neurons.ts';
import { rootCalls } from './calls/root.ts';
import { stakingCalls } from './calls/staking.ts';
import { weightCalls } from './calls/weights.ts';
import { childrenItems } from './children-items.ts';
import { subtensorConstants } from './constants.ts';
import { described, ranks } from './described.ts';
import { clockStorage, goneWithClock } from './epoch-clock.ts';
import { errors425 } from './errors-425.ts';
import { subtensorEvents } from './events.ts';
import { events425 } from './events-425.ts';
import { subtensorErrors } from './failures.ts';
import { flowItems } from './flows.ts';
import { lockCalls, lockItems } from './locks.ts';
import { mechanismItems } from './mechanisms.ts';
import { newer } from './newer.ts';
import { decayStorage } from './registration-price.ts';
import { rootItems } from './root-items.ts';
import { subnets } from './storage.ts';

/** As 393 has it. */
export const subtensor: Pallet = {
  name: 'SubtensorModule',
  index: 7,
  crate: 'pallet_subtensor',
  storage: {
    ...described,
    ...ranks,
    ...newer,
    ...rootItems,
    ...childrenItems,
    ...flowItems,
    ...mechanismItems,
    ...subnets,
  },
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

/** Items of 393 that a release does not name any more: an upgrade still has to find what they held. */
export const goneFrom = (release: Release): Readonly<Record<string, AnyItem>> => ({
  ...(release.ranks ? {} : ranks),
  ...(release.dynamicTempo ? goneWithClock : {}),
});

/** The pallet of a release: that of 393, with what has come since and without what is gone. */
export function subtensorOf(release: Release): Pallet {
  const gone = goneFrom(release);
  const stays = Object.entries(subtensor.storage).filter(([name]) => !Object.hasOwn(gone, name));
  return {
    ...subtensor,
    storage: {
      ...Object.fromEntries(stays),
      ...(release.burnDecay ? decayStorage : {}),
      ...(release.dynamicTempo ? clockStorage : {}),
      ...(release.locks ? lockItems : {}),
    },
    calls: {
      ...subtensor.calls,
      ...(release.burnDecay ? { register_limit: registerLimit } : {}),
      ...(release.locks ? lockCalls : {}),
    },
    events: release.dynamicTempo ? events425 : subtensor.events,
    errors: release.dynamicTempo ? errors425 : subtensor.errors,
  };
}

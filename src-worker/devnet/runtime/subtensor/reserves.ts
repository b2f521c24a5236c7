import type { Reserves } from '../../economy/pool.ts';
import type { Store } from '../store.ts';
import { subnets } from './storage.ts';

export const reservesOf = (store: Store, netuid: number): Reserves => ({
  taoRao: store.get(subnets.SubnetTAO, netuid),
  alphaRao: store.get(subnets.SubnetAlphaIn, netuid),
});

/** The chain counts as staked all TAO that lies in pools, however it came there: orders, registrations, emission. */
export function setReserves(store: Store, netuid: number, { taoRao, alphaRao }: Reserves): void {
  const added = taoRao - store.get(subnets.SubnetTAO, netuid);
  store.put(subnets.SubnetTAO, taoRao, netuid);
  store.put(subnets.SubnetAlphaIn, alphaRao, netuid);
  store.change(subnets.TotalStake, (total) => total + added);
}

/** A trade's end: the TAO that went through the pool, either way, is its volume. */
export function settle(store: Store, netuid: number, after: Reserves): void {
  const moved = after.taoRao - store.get(subnets.SubnetTAO, netuid);
  store.change(subnets.SubnetVolume, (volume) => volume + (moved < 0n ? -moved : moved), netuid);
  setReserves(store, netuid, after);
}

import { adjustedBurn, type BurnBounds, decayedBurn, raisedBurn } from '../../economy/registration.ts';
import type { Fixed } from '../fixed.ts';
import { item } from '../item.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { subnets } from './storage.ts';

const NETUID = ['u16', 'Identity'] as const;
/** 1.26, as the nearest that 64 bits and a fraction of 64 bits come to from a double. */
const USUAL_MULTIPLE: Fixed = { bits: BigInt(1.26 * 2 ** 64) };

/** What releases have whose price falls by itself: blocks in which it halves, and what each place sold multiplies it by. */
export const decayStorage = {
  BurnHalfLife: item<[number], number>([NETUID], 'u16', 360),
  BurnIncreaseMult: item<[number], Fixed>([NETUID], 'FixedU128', USUAL_MULTIPLE),
};

const boundsOf = (store: Store, netuid: number): BurnBounds => ({
  minRao: store.get(subnets.MinBurn, netuid),
  maxRao: store.get(subnets.MaxBurn, netuid),
});

/** What a place costs from this block on, before any is sold in it. */
export function stepPrice({ store, block, release }: Context, netuid: number): void {
  if (store.get(subnets.RegistrationsThisBlock, netuid) > 0)
    store.put(subnets.RegistrationsThisBlock, 0, netuid);
  if (release.burnDecay) decay(store, netuid, block);
  else adjust(store, netuid, block);
}

/** What the next one pays once a place is sold. */
export function priceAfterSale({ store, release }: Context, netuid: number): void {
  if (!release.burnDecay) return;
  const multiple = store.get(decayStorage.BurnIncreaseMult, netuid).bits;
  store.change(subnets.Burn, (burn) => raisedBurn(burn, multiple, boundsOf(store, netuid)), netuid);
}

function decay(store: Store, netuid: number, block: number): void {
  // The first block of a chain still asks what its genesis says.
  const halfLife = block > 1 ? store.get(decayStorage.BurnHalfLife, netuid) : 0;
  store.change(subnets.Burn, (burn) => decayedBurn(burn, halfLife, boundsOf(store, netuid)), netuid);
}

function adjust(store: Store, netuid: number, block: number): void {
  const since = BigInt(block) - store.get(subnets.LastAdjustmentBlock, netuid);
  if (since < BigInt(store.get(subnets.AdjustmentInterval, netuid))) return;
  const registrations = store.get(subnets.BurnRegistrationsThisInterval, netuid);
  const target = store.get(subnets.TargetRegistrationsPerInterval, netuid);
  const bounds = boundsOf(store, netuid);
  store.change(subnets.Burn, (burn) => adjustedBurn(burn, registrations, target, bounds), netuid);
  store.put(subnets.LastAdjustmentBlock, BigInt(block), netuid);
  store.put(subnets.RegistrationsThisInterval, 0, netuid);
  store.put(subnets.BurnRegistrationsThisInterval, 0, netuid);
}

import { isEpochBlock } from '../../economy/clock.ts';
import { movingPrice } from '../../economy/emission.ts';
import { priceOf } from '../../economy/pool.ts';
import { adjustedBurn } from '../../economy/registration.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { applyPendingChildren } from './children.ts';
import { emit, updateRootProp } from './emit.ts';
import { stepEpoch } from './epoch.ts';
import { reservesOf } from './reserves.ts';
import { claimByLot } from './root-claims.ts';
import { stepRoot } from './root-network.ts';
import { subnets } from './storage.ts';
import { revealCommits } from './timelocked.ts';

/** What happens to subnets at the start of every block, before any extrinsic. */
export function stepBlock(context: Context): void {
  const { store, block } = context;
  const netuids = context.netuids();
  stepRoot(store, block);
  for (const netuid of netuids) adjustRegistration(store, netuid, block);
  for (const netuid of netuids) revealCommits(context, netuid);
  const started = netuids.filter((netuid) => isEmitting(store, netuid, block));
  emit(store, started);
  for (const netuid of netuids) {
    if (isEpochBlock(block, netuid, store.get(subnets.Tempo, netuid))) stepEpoch(context, netuid);
    else store.change(subnets.BlocksSinceLastStep, (blocks) => blocks + 1n, netuid);
  }
  for (const netuid of started) updateMovingPrice(store, netuid, block);
  for (const netuid of started) updateRootProp(store, netuid);
  for (const netuid of netuids)
    if (store.get(subnets.LastMechansimStepBlock, netuid) === BigInt(block))
      applyPendingChildren(context, netuid);
  claimByLot(context);
}

function adjustRegistration(store: Store, netuid: number, block: number): void {
  if (store.get(subnets.RegistrationsThisBlock, netuid) > 0)
    store.put(subnets.RegistrationsThisBlock, 0, netuid);
  const since = BigInt(block) - store.get(subnets.LastAdjustmentBlock, netuid);
  if (since < BigInt(store.get(subnets.AdjustmentInterval, netuid))) return;
  const bounds = { minRao: store.get(subnets.MinBurn, netuid), maxRao: store.get(subnets.MaxBurn, netuid) };
  const registrations = store.get(subnets.BurnRegistrationsThisInterval, netuid);
  const target = store.get(subnets.TargetRegistrationsPerInterval, netuid);
  store.change(subnets.Burn, (burn) => adjustedBurn(burn, registrations, target, bounds), netuid);
  store.put(subnets.LastAdjustmentBlock, BigInt(block), netuid);
  store.put(subnets.RegistrationsThisInterval, 0, netuid);
  store.put(subnets.BurnRegistrationsThisInterval, 0, netuid);
}

function isEmitting(store: Store, netuid: number, block: number): boolean {
  const first = store.get(subnets.FirstEmissionBlockNumber, netuid);
  return first !== null && BigInt(block) >= first;
}

const FRACTION_BITS = 32;

function updateMovingPrice(store: Store, netuid: number, block: number): void {
  const since = block - Number(store.get(subnets.FirstEmissionBlockNumber, netuid) ?? 0n);
  const price = Number(priceOf(reservesOf(store, netuid))) / 1e9;
  const unit = 2 ** FRACTION_BITS;
  const before = Number(store.get(subnets.SubnetMovingPrice, netuid).bits) / unit;
  store.put(
    subnets.SubnetMovingPrice,
    { bits: BigInt(Math.round(movingPrice(before, price, since) * unit)) },
    netuid,
  );
}

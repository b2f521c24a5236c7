import { movingPrice } from '../../economy/emission.ts';
import { priceOf } from '../../economy/pool.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { applyPendingChildren } from './children.ts';
import { emit, updateRootProp } from './emit.ts';
import { stepEpoch } from './epoch.ts';
import { turnClocks } from './epoch-clock.ts';
import { stepPrice } from './registration-price.ts';
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
  for (const netuid of netuids) stepPrice(context, netuid);
  for (const netuid of netuids) revealCommits(context, netuid);
  const started = netuids.filter((netuid) => isEmitting(store, netuid, block));
  emit(store, started, block);
  turnClocks(context, netuids, (netuid) => stepEpoch(context, netuid));
  for (const netuid of started) updateMovingPrice(store, netuid, block);
  for (const netuid of started) updateRootProp(store, netuid);
  for (const netuid of netuids)
    if (store.get(subnets.LastMechansimStepBlock, netuid) === BigInt(block))
      applyPendingChildren(context, netuid);
  claimByLot(context);
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

import { isEpochBlock } from '../../economy/clock.ts';
import { blockEmission, injection, movingPrice, splitAlpha } from '../../economy/emission.ts';
import { buy, priceOf } from '../../economy/pool.ts';
import { adjustedBurn } from '../../economy/registration.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { stepEpoch } from './epoch.ts';
import { reservesOf, setReserves, settle } from './reserves.ts';
import { ROOT_NETUID, subnets } from './storage.ts';
import { revealCommits } from './timelocked.ts';

/** What happens to subnets at the start of every block, before any extrinsic. */
export function stepBlock(context: Context): void {
  const { store, block } = context;
  const netuids = context.netuids();
  for (const netuid of netuids) adjustRegistration(store, netuid, block);
  for (const netuid of netuids) revealCommits(context, netuid);
  const started = netuids.filter((netuid) => isEmitting(store, netuid, block));
  emit(store, started);
  for (const netuid of netuids) {
    if (isEpochBlock(block, netuid, store.get(subnets.Tempo, netuid))) stepEpoch(context, netuid);
    else store.change(subnets.BlocksSinceLastStep, (blocks) => blocks + 1n, netuid);
  }
  for (const netuid of started) updateMovingPrice(store, netuid, block);
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

/** New TAO is shared among started subnets by price; new alpha is each subnet's own. */
function emit(store: Store, started: readonly number[]): void {
  const tao = blockEmission(store.get(subnets.TotalIssuance));
  const prices = started.map((netuid) => priceOf(reservesOf(store, netuid)));
  const sum = prices.reduce((total, price) => total + price, 0n);
  for (const [i, netuid] of started.entries()) {
    emitTo(store, netuid, sum === 0n ? 0n : (tao * (prices[i] ?? 0n)) / sum, tao);
  }
}

/** @param taoOfBlock for all subnets: no pool is given more alpha than that, as the chain has it */
function emitTo(store: Store, netuid: number, taoShare: bigint, taoOfBlock: bigint): void {
  const pool = reservesOf(store, netuid);
  const alpha = blockEmission(pool.alphaRao + store.get(subnets.SubnetAlphaOut, netuid));
  const added = injection(pool, taoShare, alpha < taoOfBlock ? alpha : taoOfBlock);
  // Bought before the injection and at no fee; what it buys belongs to nobody and may be emitted once more.
  if (added.excessRao > 0n) settle(store, netuid, buy(pool, added.excessRao, 0n).after);
  const { taoRao, alphaRao } = reservesOf(store, netuid);
  setReserves(store, netuid, { taoRao: taoRao + added.taoRao, alphaRao: alphaRao + added.alphaRao });
  const split = splitAlpha(alpha);
  const root = rootPart(store, netuid, split.validators);
  store.change(subnets.SubnetAlphaOut, (out) => out + alpha - root, netuid);
  store.change(subnets.TotalIssuance, (issued) => issued + added.taoRao + added.excessRao);
  store.put(subnets.SubnetTaoInEmission, added.taoRao, netuid);
  store.put(subnets.SubnetAlphaInEmission, added.alphaRao, netuid);
  store.put(subnets.SubnetAlphaOutEmission, alpha, netuid);
  store.change(subnets.PendingOwnerCut, (pending) => pending + split.owner, netuid);
  store.change(subnets.PendingServerEmission, (pending) => pending + split.miners, netuid);
  store.change(subnets.PendingValidatorEmission, (pending) => pending + split.validators - root, netuid);
}

/**
 * What those who staked TAO on root are due of the validators' part: w R / (w R + A), R the TAO on root, w its weight,
 * A the subnet's alpha. While the moving prices of all subnets come to no more than 1 the chain recycles it, and so
 * does this one beyond that, which the average needs hundreds of thousands of blocks to reach.
 */
function rootPart(store: Store, netuid: number, validators: bigint): bigint {
  const weighed = (store.get(subnets.SubnetTAO, ROOT_NETUID) * store.get(described.TaoWeight)) >> 64n;
  const alpha = store.get(subnets.SubnetAlphaIn, netuid) + store.get(subnets.SubnetAlphaOut, netuid);
  const whole = weighed + alpha;
  if (whole === 0n) return 0n;
  store.put(subnets.RootProp, { bits: (weighed << BigInt(FRACTION_BITS)) / whole }, netuid);
  return (validators * weighed) / whole;
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

import { blockEmission, injection, splitAlpha } from '../../economy/emission.ts';
import { buy } from '../../economy/pool.ts';
import type { Store } from '../store.ts';
import { described } from './described.ts';
import { weighFlows } from './flows.ts';
import { reservesOf, setReserves, settle } from './reserves.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

const FRACTION_BITS = 32n;

/**
 * New TAO is shared among started subnets by the TAO that orders have brought them in the long run; where none has
 * come in, none is minted. New alpha is each subnet's own.
 */
export function emit(store: Store, started: readonly number[], block: number): void {
  const tao = blockEmission(store.get(subnets.TotalIssuance));
  const weights = weighFlows(store, started, block);
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  const isRootPaid = pricesSpeakForRoot(store, started);
  for (const [i, netuid] of started.entries()) {
    inject(store, netuid, sum === 0n ? 0n : (tao * (weights[i] ?? 0n)) / sum, tao);
    emitAlpha(store, netuid, isRootPaid);
  }
}

/** Root has its part of all alpha only while the moving prices of those that emit come to more than one TAO together. */
function pricesSpeakForRoot(store: Store, started: readonly number[]): boolean {
  const sum = started.reduce(
    (total, netuid) => total + store.get(subnets.SubnetMovingPrice, netuid).bits,
    0n,
  );
  return sum > 1n << FRACTION_BITS;
}

const alphaOf = (store: Store, netuid: number): bigint =>
  store.get(subnets.SubnetAlphaIn, netuid) + store.get(subnets.SubnetAlphaOut, netuid);

/** @param taoOfBlock for all subnets: no pool is given more alpha than that, as the chain has it */
function inject(store: Store, netuid: number, taoShare: bigint, taoOfBlock: bigint): void {
  const pool = reservesOf(store, netuid);
  const alpha = blockEmission(alphaOf(store, netuid));
  store.put(subnets.SubnetAlphaOutEmission, alpha, netuid);
  const added = injection(pool, taoShare, alpha < taoOfBlock ? alpha : taoOfBlock);
  // Bought before the injection and at no fee; what it buys belongs to nobody and may be emitted once more.
  if (added.excessRao > 0n) settle(store, netuid, buy(pool, added.excessRao, 0n).after);
  const { taoRao, alphaRao } = reservesOf(store, netuid);
  setReserves(store, netuid, { taoRao: taoRao + added.taoRao, alphaRao: alphaRao + added.alphaRao });
  store.change(subnets.TotalIssuance, (issued) => issued + added.taoRao + added.excessRao);
  store.put(subnets.SubnetTaoInEmission, added.taoRao, netuid);
  store.put(subnets.SubnetAlphaInEmission, added.alphaRao, netuid);
}

/** A block's alpha for those who take part waits for the epoch in four pots. */
function emitAlpha(store: Store, netuid: number, isRootPaid: boolean): void {
  const alpha = store.get(subnets.SubnetAlphaOutEmission, netuid);
  const split = splitAlpha(alpha);
  store.change(subnets.SubnetAlphaOut, (out) => out + alpha, netuid);
  const root = (split.validators * rootProportion(store, netuid)) >> FRACTION_BITS;
  const fill = (pot: typeof subnets.PendingOwnerCut, part: bigint) =>
    store.change(pot, (pending) => pending + part, netuid);
  fill(subnets.PendingOwnerCut, split.owner);
  fill(subnets.PendingServerEmission, split.miners);
  fill(subnets.PendingValidatorEmission, split.validators - root);
  if (isRootPaid) fill(subnets.PendingRootAlphaDivs, root);
  else store.change(subnets.SubnetAlphaOut, (out) => out - root, netuid);
}

/** As clients read it: it is written down once a block, after everything that uses it. */
export function updateRootProp(store: Store, netuid: number): void {
  store.put(subnets.RootProp, { bits: rootProportion(store, netuid) }, netuid);
}

/**
 * What those who staked TAO on root are due of the validators' part: w R / (w R + A), R the TAO on root, w its weight,
 * A the subnet's alpha; with 32 bits of fraction.
 */
function rootProportion(store: Store, netuid: number): bigint {
  const weighed = (store.get(subnets.SubnetTAO, ROOT_NETUID) * store.get(described.TaoWeight)) >> 64n;
  const whole = weighed + alphaOf(store, netuid);
  return whole === 0n ? 0n : (weighed << FRACTION_BITS) / whole;
}
